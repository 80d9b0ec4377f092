/** Moments and days in the formats of the vendor's services. */

/** The end of the invented data: 2026-11-01 00:00 UTC, in milliseconds since 1970. */
export const seedTime = Date.UTC(2026, 10, 1)

/** A day, in milliseconds. */
export const day = 86_400_000

/** As `2026-01-02T03:04:05Z`. */
export const formatInstant = (millis: number): string =>
  new Date(millis).toISOString().replace(/\.\d+Z$/, "Z")

/** The day in Beijing, as `2026-01-02`, which bills use. */
export const beijingDay = (millis: number): string =>
  new Date(millis + 8 * 3_600_000).toISOString().slice(0, 10)

/** Reads RFC 3339, with `Z` or an offset. */
export const parseInstant = (text: string): number | undefined =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(text) && isDay(text.slice(0, 10))
    ? notNaN(Date.parse(text))
    : undefined

/** Reads `2026-01-02T03:04:05Z`, the only format that the billing service accepts. */
export const parseUtcSecond = (text: string): number | undefined => {
  const millis = parseInstant(text)
  return millis !== undefined && formatInstant(millis) === text ? millis : undefined
}

/** Whether this is an existing day, as `2026-01-02`. */
export const isDay = (text: string): boolean => {
  const millis = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(millis) && formatInstant(millis).slice(0, 10) === text
}

const notNaN = (millis: number): number | undefined => (Number.isNaN(millis) ? undefined : millis)
