/**
 * The bodies of requests, byte by byte: those of the fixture were recorded before the operations were
 * described by schemas. The signature is left out, since it follows from the rest.
 */
import * as Quantity from "@cloud-quota/core/Quantity"
import * as TestTransport from "@cloud-quota/core/testing/TestTransport"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { readFileSync } from "node:fs"
import type { Service } from "@cloud-quota/compshare/CompShareClient"
import { scripted } from "./fixtures/clients.ts"

const recorded: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(new URL("./fixtures/requests.json", import.meta.url), "utf8")
)

const times = { BeginTime: 1_764_547_200, EndTime: 1_764_633_600 }
const zhang = { VirtualCompanyId: 60001, ...times }
const place = { Zone: "cn-wlcb-01", Region: "cn-sh2" }
const machine = { Zone: "cn-wlcb-01", GpuType: "4090", Memory: 65536 }
const everyFilter = {
  TeamId: 1002,
  ...zhang,
  Limit: 7,
  Offset: 14,
  OrderBy: "CreateTime",
  OrderDir: "Desc",
  ChargeTypes: ["Month", "Dynamic"],
  OrderStates: ["OS_FINISHED"],
  OrderTypes: ["OT_BUY"],
  OrderNos: ["order-1"],
  ResourceIds: ["uhost-1"],
  ResourceTypes: [0, 1],
  Regions: [1001]
} as const

const calls: Readonly<Record<string, (client: Service) => Effect.Effect<unknown, unknown>>> = {
  ListCompShareTeam: (client) => client.listCompShareTeam(),
  ListCompShareTeamJoined: (client) => client.listCompShareTeamJoined(),
  "ListCompShareTeamJoined, joined": (client) => client.listCompShareTeamJoined({ Status: "joined" }),
  ListCompShareTeamInvite: (client) => client.listCompShareTeamInvite(),
  "ListCompShareTeamInvite, of a team": (client) => client.listCompShareTeamInvite({ TeamId: 1002 }),
  GetCompShareTeamInfo: (client) => client.getCompShareTeamInfo({ TeamId: 1002 }),
  "GetCompShareTeamInfo, by member": (client) => client.getCompShareTeamInfo({ VirtualCompanyId: 60001 }),
  CreateCompShareTeam: (client) =>
    client.createCompShareTeam({ Description: "八卡 & more", Name: "训练 组" }),
  UpdateCompShareTeam: (client) => client.updateCompShareTeam({ Description: "x", Name: "y" }),
  "UpdateCompShareTeam, another": (client) => client.updateCompShareTeam({ Name: "y", TeamId: 1002 }),
  DeleteCompShareTeam: (client) => client.deleteCompShareTeam({ TeamId: 1002 }),
  CreateCompShareTeamRelation: (client) =>
    client.createCompShareTeamRelation({
      UserInfo: [{ RemarkName: "张三", UserCompanyId: 50001 }, { UserCompanyId: 50002 }]
    }),
  "SetCompShareTeamRelation, Agree": (client) =>
    client.setCompShareTeamRelation({ Status: "Agree", TeamId: 1002 }),
  "SetCompShareTeamRelation, Cancel": (client) =>
    client.setCompShareTeamRelation({ UserCompanyId: 50001, Status: "Cancel" }),
  "SetCompShareTeamRelation, UpdateRemarkName": (client) =>
    client.setCompShareTeamRelation({
      RemarkName: "李 四",
      UserCompanyId: 50001,
      Status: "UpdateRemarkName"
    }),
  SetCompShareTeamAmount: (client) =>
    client.setCompShareTeamAmount({
      OperateType: "WithdrawAmount",
      Amount: Quantity.cny("90071992547409.91"),
      VirtualCompanyId: [60002, 60001]
    }),
  "SetCompShareTeamAmount, of a team": (client) =>
    client.setCompShareTeamAmount({
      TeamId: 1002,
      OperateType: "AllocateAmount",
      Amount: Quantity.cny("500"),
      VirtualCompanyId: [60001]
    }),
  ListCompShareTeamOperateLog: (client) => client.listCompShareTeamOperateLog({}),
  "ListCompShareTeamOperateLog, filtered": (client) =>
    client.listCompShareTeamOperateLog({
      ...times,
      Status: ["成功"],
      OperateType: ["分配金额", "提取金额"],
      OrderByASC: true,
      Offset: 3,
      Limit: 1
    }),
  DescribeTeamMemberOrder: (client) => client.describeTeamMemberOrder({ VirtualCompanyId: 60001 }),
  "DescribeTeamMemberOrder, filtered": (client) => client.describeTeamMemberOrder(everyFilter),
  DescribeTeamMemberOrderCount: (client) => client.describeTeamMemberOrderCount({ VirtualCompanyId: 60001 }),
  "DescribeTeamMemberOrderCount, filtered": (client) =>
    client.describeTeamMemberOrderCount({
      ...zhang,
      Regions: "1001",
      ResourceTypes: "0",
      OrderTypes: "OT_BUY",
      OrderStates: "OS_FINISHED",
      ChargeTypes: "Month"
    }),
  DescribeTeamMemberUnpaidOrder: (client) =>
    client.describeTeamMemberUnpaidOrder({ VirtualCompanyId: 60001 }),
  "DescribeTeamMemberUnpaidOrder, filtered": (client) => client.describeTeamMemberUnpaidOrder(everyFilter),
  DescribeTeamMemberUnpaidOrderCount: (client) =>
    client.describeTeamMemberUnpaidOrderCount({ VirtualCompanyId: 60001 }),
  "DescribeTeamMemberUnpaidOrderCount, filtered": (client) =>
    client.describeTeamMemberUnpaidOrderCount({
      ...zhang,
      OrderTypes: ["OT_BUY"],
      OrderStates: ["OS_UNPAID"],
      ChargeTypes: ["Month", "Dynamic"]
    }),
  ListMemberProductType: (client) => client.listMemberProductType({ ...zhang, OrderStates: ["OS_FINISHED"] }),
  DownloadTeamOrder: (client) => client.downloadTeamOrder(),
  "DownloadTeamOrder, of a member": (client) =>
    client.downloadTeamOrder({ OrderStates: ["OS_FINISHED"], ...zhang, TeamId: 1002 }),
  DescribeCompShareSupportZone: (client) => client.describeCompShareSupportZone(),
  DescribeCompShareInstance: (client) => client.describeCompShareInstance(),
  "DescribeCompShareInstance, of a zone": (client) =>
    client.describeCompShareInstance({ Offset: 5, Limit: 10, UHostIds: ["uhost-1", "uhost-2"], ...place }),
  GetCompShareInstancePrice: (client) => client.getCompShareInstancePrice({ Gpu: 2, Cpu: 16, ...machine }),
  "GetCompShareInstancePrice, with disks": (client) =>
    client.getCompShareInstancePrice({
      Quantity: 3,
      CompShareImageId: "image-1",
      Volumes: [{ Size: 20, Type: "UDisk" }],
      Disks: [{ Size: 100, Type: "CLOUD_SSD", IsBoot: true }],
      ChargeType: "Month",
      Gpu: 2,
      Cpu: 16,
      ...machine,
      ...place
    }),
  GetCompShareInstanceUserPrice: (client) =>
    client.getCompShareInstanceUserPrice({ ChargeType: "Day", GPU: 2, CPU: 16, ...machine }),
  GetCompShareInstanceUpgradePrice: (client) =>
    client.getCompShareInstanceUpgradePrice({ GPU: 1, Memory: 1024, CPU: 4, UHostId: "uhost-1", ...place }),
  GetCompShareAttachedDiskUpgradePrice: (client) =>
    client.getCompShareAttachedDiskUpgradePrice({
      BackupMode: "NONE",
      DiskSpace: 40,
      DiskId: "udisk-1",
      UHostId: "uhost-1",
      ...place
    }),
  GetCompShareRefundPrice: (client) =>
    client.getCompShareRefundPrice({ UHostIds: ["uhost-1", "uhost-2"], Zone: "cn-wlcb-01" }),
  GetBalance: (client) => client.getBalance(),
  "call, DescribeCompShareGpuInventory": (client) =>
    client.call("DescribeCompShareGpuInventory", { Zone: "cn-wlcb-01", Region: "cn-sh2" }, { safety: "read" })
}

const bodyOf = Effect.fnUntraced(function* (call: (client: Service) => Effect.Effect<unknown, unknown>) {
  yield* TestClock.setTime(1_800_000_000_000)
  const { client, requests } = yield* scripted([TestTransport.json({ RetCode: 0 })], {
    teamId: 1001,
    projectId: "org-1",
    retry: { attempts: 1 }
  })
  // The answer says nothing, and so may be refused: only the request counts.
  yield* Effect.exit(call(client))
  assert.strictEqual(requests.length, 1)
  return requests[0]?.body?.replace(/&Signature=[0-9a-f]{40}$/, "")
})

describe("the body of a request is the recorded one", () => {
  it("for all that is recorded", () => assert.sameMembers(Object.keys(calls), Object.keys(recorded)))

  for (const [name, call] of Object.entries(calls)) {
    it.effect(name, () => Effect.map(bodyOf(call), (body) => assert.strictEqual(body, recorded[name])))
  }
})
