/**
 * The bodies of requests, byte by byte: those of the fixture were recorded before the operations were
 * described by schemas. The signature is left out, since it follows from the rest.
 */
import * as Quantity from "@cloud-quota/core/Quantity"
import * as TestTransport from "@cloud-quota/core/TestTransport"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { readFileSync } from "node:fs"
import type { Service } from "../src/CompShareClient.ts"
import { scripted } from "./fixtures/clients.ts"

const recorded: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(new URL("./fixtures/requests.json", import.meta.url), "utf8")
)

const times = { beginTime: 1_764_547_200, endTime: 1_764_633_600 }
const zhang = { virtualCompanyId: 60001, ...times }
const place = { zone: "cn-wlcb-01", region: "cn-sh2" }
const machine = { zone: "cn-wlcb-01", gpuType: "4090", gpu: 2, cpu: 16, memory: 65536 }
const everyFilter = {
  teamId: 1002,
  ...zhang,
  limit: 7,
  offset: 14,
  orderBy: "CreateTime",
  orderDir: "Desc",
  chargeTypes: ["Month", "Dynamic"],
  orderStates: ["OS_FINISHED"],
  orderTypes: ["OT_BUY"],
  orderNos: ["order-1"],
  resourceIds: ["uhost-1"],
  resourceTypes: [0, 1],
  regions: [1001]
} as const

const calls: Readonly<Record<string, (client: Service) => Effect.Effect<unknown, unknown>>> = {
  ListCompShareTeam: (client) => client.listCompShareTeam,
  ListCompShareTeamJoined: (client) => client.listCompShareTeamJoined(),
  "ListCompShareTeamJoined, joined": (client) => client.listCompShareTeamJoined({ status: "joined" }),
  ListCompShareTeamInvite: (client) => client.listCompShareTeamInvite(),
  "ListCompShareTeamInvite, of a team": (client) => client.listCompShareTeamInvite({ teamId: 1002 }),
  GetCompShareTeamInfo: (client) => client.getCompShareTeamInfo({ teamId: 1002 }),
  "GetCompShareTeamInfo, by member": (client) => client.getCompShareTeamInfo({ virtualCompanyId: 60001 }),
  CreateCompShareTeam: (client) =>
    client.createCompShareTeam({ description: "八卡 & more", name: "训练 组" }),
  UpdateCompShareTeam: (client) => client.updateCompShareTeam({ description: "x", name: "y" }),
  "UpdateCompShareTeam, another": (client) => client.updateCompShareTeam({ name: "y", teamId: 1002 }),
  DeleteCompShareTeam: (client) => client.deleteCompShareTeam({ teamId: 1002 }),
  CreateCompShareTeamRelation: (client) =>
    client.createCompShareTeamRelation({
      users: [{ remarkName: "张三", userCompanyId: 50001 }, { userCompanyId: 50002 }]
    }),
  "SetCompShareTeamRelation, Agree": (client) =>
    client.setCompShareTeamRelation({ status: "Agree", teamId: 1002 }),
  "SetCompShareTeamRelation, Cancel": (client) =>
    client.setCompShareTeamRelation({ userCompanyId: 50001, status: "Cancel" }),
  "SetCompShareTeamRelation, UpdateRemarkName": (client) =>
    client.setCompShareTeamRelation({
      remarkName: "李 四",
      userCompanyId: 50001,
      status: "UpdateRemarkName"
    }),
  SetCompShareTeamAmount: (client) =>
    client.setCompShareTeamAmount({
      operateType: "WithdrawAmount",
      amount: Quantity.cny("90071992547409.91"),
      virtualCompanyIds: [60002, 60001]
    }),
  "SetCompShareTeamAmount, of a team": (client) =>
    client.setCompShareTeamAmount({
      teamId: 1002,
      operateType: "AllocateAmount",
      amount: Quantity.cny("500"),
      virtualCompanyIds: [60001]
    }),
  ListCompShareTeamOperateLog: (client) => client.listCompShareTeamOperateLog({}),
  "ListCompShareTeamOperateLog, filtered": (client) =>
    client.listCompShareTeamOperateLog({
      ...times,
      statuses: ["成功"],
      operateTypes: ["分配金额", "提取金额"],
      ascending: true,
      offset: 3,
      limit: 1
    }),
  DescribeTeamMemberOrder: (client) => client.describeTeamMemberOrder({ virtualCompanyId: 60001 }),
  "DescribeTeamMemberOrder, filtered": (client) => client.describeTeamMemberOrder(everyFilter),
  DescribeTeamMemberOrderCount: (client) => client.describeTeamMemberOrderCount({ virtualCompanyId: 60001 }),
  "DescribeTeamMemberOrderCount, filtered": (client) =>
    client.describeTeamMemberOrderCount({
      ...zhang,
      regions: "1001",
      resourceTypes: "0",
      orderTypes: "OT_BUY",
      orderStates: "OS_FINISHED",
      chargeTypes: "Month"
    }),
  DescribeTeamMemberUnpaidOrder: (client) =>
    client.describeTeamMemberUnpaidOrder({ virtualCompanyId: 60001 }),
  "DescribeTeamMemberUnpaidOrder, filtered": (client) => client.describeTeamMemberUnpaidOrder(everyFilter),
  DescribeTeamMemberUnpaidOrderCount: (client) =>
    client.describeTeamMemberUnpaidOrderCount({ virtualCompanyId: 60001 }),
  "DescribeTeamMemberUnpaidOrderCount, filtered": (client) =>
    client.describeTeamMemberUnpaidOrderCount({
      ...zhang,
      orderTypes: ["OT_BUY"],
      orderStates: ["OS_UNPAID"],
      chargeTypes: ["Month", "Dynamic"]
    }),
  ListMemberProductType: (client) => client.listMemberProductType({ ...zhang, orderStates: ["OS_FINISHED"] }),
  DownloadTeamOrder: (client) => client.downloadTeamOrder(),
  "DownloadTeamOrder, of a member": (client) =>
    client.downloadTeamOrder({ orderStates: ["OS_FINISHED"], ...zhang, teamId: 1002 }),
  DescribeCompShareSupportZone: (client) => client.describeCompShareSupportZone,
  DescribeCompShareInstance: (client) => client.describeCompShareInstance(),
  "DescribeCompShareInstance, of a zone": (client) =>
    client.describeCompShareInstance({ offset: 5, limit: 10, uHostIds: ["uhost-1", "uhost-2"], ...place }),
  GetCompShareInstancePrice: (client) => client.getCompShareInstancePrice(machine),
  "GetCompShareInstancePrice, with disks": (client) =>
    client.getCompShareInstancePrice({
      quantity: 3,
      compShareImageId: "image-1",
      volumes: [{ size: 20, type: "UDisk" }],
      disks: [{ size: 100, type: "CLOUD_SSD", isBoot: true }],
      chargeType: "Month",
      ...machine,
      ...place
    }),
  GetCompShareInstanceUserPrice: (client) =>
    client.getCompShareInstanceUserPrice({ chargeType: "Day", ...machine }),
  GetCompShareInstanceUpgradePrice: (client) =>
    client.getCompShareInstanceUpgradePrice({ gpu: 1, memory: 1024, cpu: 4, uHostId: "uhost-1", ...place }),
  GetCompShareAttachedDiskUpgradePrice: (client) =>
    client.getCompShareAttachedDiskUpgradePrice({
      backupMode: "NONE",
      diskSpace: 40,
      diskId: "udisk-1",
      uHostId: "uhost-1",
      ...place
    }),
  GetCompShareRefundPrice: (client) =>
    client.getCompShareRefundPrice({ uHostIds: ["uhost-1", "uhost-2"], zone: "cn-wlcb-01" }),
  GetBalance: (client) => client.getBalance,
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
