/** The bodies of answers, as the vendors write them. */

const amountWidth = 12

/** An amount of fixed width, so that another one can be written over it. */
export const amountText = (amount: number): string => `${amount}`.padStart(amountWidth)

/** A member of a team. */
export const relation = (index: number, amount: number): string =>
  `{"TeamId":1001,"TeamName":"gpu","Status":"Joined","UserCompanyId":${50_000 + index},"VirtualCompanyId":${60_000 + index},"RemarkName":"member ${index}","AllocateAmount":${amountText(amount)},"AvailableAmount":${amountText(amount - 50)},"CreateTime":"2025-11-01 10:00:00","IsPersonalAccount":false}`

export const team = (id: number, relations: ReadonlyArray<string>): string =>
  `{"RetCode":0,"Action":"GetCompShareTeamInfoResponse","Team":{"Id":${id},"Name":"gpu","CompanyId":7,"Description":"","MemberCount":${relations.length}},"TeamRelation":[${relations.join(",")}]}`

/** The limits of a sub-account. */
export const asset = (user: string, limit: number): string =>
  `{"user_id":"${user}","quota":{"modeling_count_2d_model":1,"modeling_count_2d_model_flexus":-1,"video_time_2d_model":60,"video_time_flexus_2d_model":-1,"voice_clone_basic":${limit},"voice_clone_middle":0,"voice_clone_advance":1,"voice_clone_flexus":-1},"usage":{"modeling_count_2d_model":0,"video_time_2d_model":12.25}}`

export const assets = (count: number, rows: ReadonlyArray<string>): string =>
  `{"count":${count},"assets":[${rows.join(",")}]}`

export const range = (length: number): ReadonlyArray<number> => Array.from({ length }, (_, index) => index)
