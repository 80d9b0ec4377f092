/** The emulator's regions and zones, as one account saw them. The numeric ids and the names are invented. */
export const zones = [
  { region: "cn-wlcb", regionId: 3001, zone: "cn-wlcb-01", zoneId: 10027, name: "华北二A" },
  { region: "cn-bj2", regionId: 3003, zone: "cn-bj2-02", zoneId: 4001, name: "华北一B" },
  { region: "cn-sh2", regionId: 3005, zone: "cn-sh2-01", zoneId: 8001, name: "上海二A" },
  { region: "cn-gd", regionId: 3007, zone: "cn-gd-02", zoneId: 7001, name: "广州B" },
  { region: "us-den", regionId: 3009, zone: "us-den-01", zoneId: 9001, name: "丹佛A" }
] as const
