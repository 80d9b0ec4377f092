/** The parts of the emulated account that tests read or fill: members, memberships, instances and money. */

/** The kind of a change of a member's amount, as on the wire. */
export type OperateType = "AllocateAmount" | "WithdrawAmount"

/** A user who was invited to a team of the account, with amounts in fen. */
export interface MemberState {
  /** The id for amounts and orders; 0 until the member has joined. It stays when the member leaves. */
  readonly virtualCompanyId: number
  readonly userCompanyId: number
  readonly remarkName: string
  /** In the casing of the vendor's SDKs; its page writes `joined`. */
  readonly status: "Pending" | "Joined" | "Rejected" | "Canceled"
  readonly allocatedFen: bigint
  /** The remaining amount, in fen. */
  readonly availableFen: bigint
  /** When the member was invited, in Unix seconds. */
  readonly createTime: number
}

/** Another account's team to which this account was invited. */
export interface Membership {
  readonly teamId: number
  readonly teamName: string
  /** The company id of the team's administrator. */
  readonly teamCompanyId: number
  /** 0 until the account has joined. */
  readonly virtualCompanyId: number
  readonly status: MemberState["status"]
  readonly remarkName: string
  /** When the account was invited, in Unix seconds. */
  readonly createTime: number
}

/**
 * A GPU instance. Absent fields are as in the vendor's examples: a running 4090 with 16 cores and 64 GB, paid
 * by the month. Its disks are `bsm-` and `udisk-` with the rest of its own id.
 */
export interface Instance {
  readonly uHostId: string
  readonly region: string
  readonly zone: string
  /** 0 if the instance can be refunded. */
  readonly code: number
  readonly message: string
  /** Yuan, written digit for digit as the JSON number, as `235.50`. Absent if there is no refund. */
  readonly refundPriceYuan?: string
  /** Default: its id. */
  readonly name?: string
  /** As `Running` or `Stopped`. */
  readonly state?: string
  /** As `Month`, `Dynamic` or `Postpay`. */
  readonly chargeType?: string
  /** As `4090`. */
  readonly gpuType?: string
  readonly gpu?: number
  readonly cpu?: number
  readonly memoryMb?: number
  readonly bootDiskGb?: number
  readonly dataDiskGb?: number
  /** Unix seconds, as the time below. */
  readonly createTime?: number
  readonly expireTime?: number
}

/** Money that moved between the admin and one member. */
export type LedgerEntry = {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly operateType: OperateType
  /** The member's virtual company id. */
  readonly member: number
  readonly amountFen: bigint
} & ({ readonly source: "api"; readonly requestId: string } | { readonly source: "console" })

/** The amounts at one moment. */
export interface State {
  readonly adminBalanceFen: bigint
  readonly members: ReadonlyArray<MemberState>
}
