/**
 * What each operation sends, byte for byte, as `fixtures/requests.json` has it: recorded once, and looked over.
 */
import { assert, describe, it } from "@effect/vitest"
import { type CloudQuotaError, Limit, Quantity } from "@cloud-quota/core"
import { DateTime, Effect } from "effect"
import { answer, type Clients, run } from "./fixtures/clients.ts"
import requests from "./fixtures/requests.json" with { type: "json" }

type Call = (clients: Clients) => Effect.Effect<unknown, CloudQuotaError.CloudQuotaError>

const start = DateTime.makeUnsafe("2026-01-02T03:04:05.678Z")
const end = DateTime.makeUnsafe("2026-02-03T04:05:06Z")

const quota = {
  // Not in the order in which they are sent.
  voice_clone_flexus: Limit.finite(Quantity.make("count", 8)),
  modeling_count_2d_model: Limit.unlimited,
  modeling_count_2d_model_flexus: Limit.finite(Quantity.make("count", 0)),
  video_time_2d_model: Limit.finite(Quantity.make("minute", 999_999_999)),
  video_time_flexus_2d_model: Limit.finite(Quantity.make("minute", 60)),
  voice_clone_basic: Limit.finite(Quantity.make("count", "5.0")),
  voice_clone_middle: Limit.finite(Quantity.make("count", 10_000_000)),
  voice_clone_advance: Limit.unlimited
}

const calls: Readonly<Record<string, Call>> = {
  UpdateUserQuotas: ({ metaStudio }) => metaStudio.updateUserQuotas({ user_id: "us er+1é", quota }),
  "UpdateUserQuotas, one limit": ({ metaStudio }) =>
    metaStudio.updateUserQuotas({
      user_id: "u1",
      quota: { video_time_2d_model: Limit.finite(Quantity.make("minute", 60)) }
    }),
  ListUserQuotas: ({ metaStudio }) => metaStudio.listUserQuotas(),
  "ListUserQuotas, all fields": ({ metaStudio }) =>
    metaStudio.listUserQuotas({ user_id: "u 1", offset: 3, limit: 7 }),
  CreateUserQuotas: ({ metaStudio }) => metaStudio.createUserQuotas({ quota, user_id: "u1" }),
  DeleteUserQuotas: ({ metaStudio }) => metaStudio.deleteUserQuotas({ user_id: "u1" }),
  ListTenantResources: ({ metaStudio }) => metaStudio.listTenantResources(),
  "ListTenantResources, all fields": ({ metaStudio }) =>
    metaStudio.listTenantResources({
      offset: 3,
      limit: 7,
      status: 1,
      sub_resource: "sub",
      resource_expire_end_time: end,
      resource_expire_start_time: start,
      charging_mode: "ONE_TIME",
      order_id: "o 1",
      resource_id: "r/1",
      business: ["VIDEO_2D", "MODELING_2D"],
      resource: ["a", "b"],
      resource_source: ["PURCHASED", "SP_ALLOCATED"]
    }),
  ShowResourceUsage: ({ metaStudio }) =>
    metaStudio.showResourceUsage({ business: ["VIDEO_2D"], resource: ["a", "b"] }),
  CountTenantResources: ({ metaStudio }) =>
    metaStudio.countTenantResources({
      resource_expire_end_time: end,
      resource_expire_start_time: start,
      business: ["VIDEO_2D", "LIVE_2D"]
    }),
  ShowTenantAssginRecord: ({ metaStudio }) => metaStudio.showTenantAssginRecord(),
  "ShowTenantAssginRecord, all fields": ({ metaStudio }) =>
    metaStudio.showTenantAssginRecord({ offset: 3, limit: 7 }),
  ShowUsageData: ({ metaStudio }) =>
    metaStudio.showUsageData({
      offset: 3,
      unit: "MIN",
      business_type: "VIDEO_2D",
      resource_type: "video_time_2d_model",
      user_id: "u1",
      end_time: end,
      start_time: start
    }),
  ShowSummaryUsageData: ({ metaStudio }) =>
    metaStudio.showSummaryUsageData({
      unit: "HOUR",
      business_type: "LIVE_2D",
      resource_type: "video_time_2d_model",
      user_id: "u1"
    }),
  ShowVoiceTrainingQuotas: ({ metaStudio }) => metaStudio.showVoiceTrainingQuotas(),
  ShowTenantServiceConfigs: ({ metaStudio }) => metaStudio.showTenantServiceConfigs(),
  KeystoneListUsers: ({ iam }) => iam.keystoneListUsers(),
  "KeystoneListUsers, all fields": ({ iam }) =>
    iam.keystoneListUsers({ name: "王 伟&1", enabled: false, domain_id: "d2" }),
  KeystoneShowUser: ({ iam }) => iam.keystoneShowUser({ user_id: "u 1" }),
  ListUsersV5: ({ iam }) => iam.listUsersV5(),
  "ListUsersV5, all fields": ({ iam }) => iam.listUsersV5({ group_id: "g1", marker: "m=1", limit: 7 }),
  KeystoneListProjects: ({ iam }) =>
    iam.keystoneListProjects({ enabled: true, parent_id: "p1", name: "cn-north-4", domain_id: "d2" }),
  KeystoneListAuthDomains: ({ iam }) => iam.keystoneListAuthDomains(),
  ListCustomerOrders: ({ bss }) => bss.listCustomerOrders(),
  "ListCustomerOrders, all fields": ({ bss }) =>
    bss.listCustomerOrders({
      offset: 3,
      limit: 7,
      method: "sub_customer",
      payment_time_end: end,
      payment_time_begin: start,
      order_by: "-createTime",
      order_type: 4,
      status: 6,
      service_type_code: "hws.service.type.obs",
      create_time_end: end,
      create_time_begin: start,
      order_id: "CS1"
    }),
  ShowCustomerOrderDetails: ({ bss }) => bss.showCustomerOrderDetails({ order_id: "CS 1", offset: 3 }),
  ShowCustomerAccountBalances: ({ bss }) => bss.showCustomerAccountBalances(),
  ListCustomerselfResourceRecords: ({ bss }) => bss.listCustomerselfResourceRecords({ cycle: "2026-01" }),
  "ListCustomerselfResourceRecords, all fields": ({ bss }) =>
    bss.listCustomerselfResourceRecords({
      offset: 3,
      limit: 7,
      statistic_type: 1,
      bill_date_end: "2026-01-31",
      bill_date_begin: "2026-01-05",
      trade_id: "t1",
      sub_customer_id: "c1",
      method: "all",
      include_zero_record: false,
      enterprise_project_id: "e1",
      resource_id: "r1",
      bill_type: 5,
      charge_mode: "3",
      region: "cn-north-4",
      cloud_service_type: "hws.service.type.obs",
      cycle: "2026-01"
    }),
  ShowCustomerMonthlySum: ({ bss }) =>
    bss.showCustomerMonthlySum({
      sub_customer_id: "c1",
      method: "oneself",
      enterprise_project_id: "e1",
      service_type_code: "hws.service.type.obs",
      bill_cycle: "2026-01"
    }),
  ListFreeResourceInfos: ({ bss }) => bss.listFreeResourceInfos(),
  "ListFreeResourceInfos, all fields": ({ bss }) =>
    bss.listFreeResourceInfos({
      offset: 3,
      limit: 7,
      service_type_code_list: ["a", "b"],
      status: 1,
      enterprise_project_id: "e1",
      product_name: "名",
      product_id: "p1",
      order_id: "o1",
      region_code: "cn-north-4"
    }),
  ListFreeResourceUsages: ({ bss }) => bss.listFreeResourceUsages({ free_resource_ids: ["f1", "f2"] })
}

describe("requests", () => {
  it("are recorded of every operation", () => {
    assert.deepStrictEqual(Object.keys(calls), Object.keys(requests))
  })

  it.effect.each(Object.keys(calls))("%s", (name) =>
    Effect.gen(function* () {
      const call = calls[name] ?? (() => Effect.void)
      const sent = yield* run([answer("{}")], call)
      const [request] = sent.requests
      const { method, url } = request ?? {}
      const recorded = { method, url, ...(request?.body === undefined ? {} : { body: request.body }) }
      assert.deepStrictEqual<unknown>(
        { name, ...recorded },
        { name, ...requests[name as keyof typeof requests] }
      )
    })
  )
})
