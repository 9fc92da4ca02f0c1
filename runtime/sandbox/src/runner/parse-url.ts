import { urlParts } from '../protocol/url-parts.ts'

/** Longer addresses are none: what parses them runs outside of the isolate's bounds. */
const urlLengthMax = 64 * 1024

/**
 * The parts of an address as JSON, an empty text when it is none. With `part`, that part is set first; the engine alone
 * knows no addresses.
 */
export function parseUrl(
  text: string,
  base: string | undefined,
  part: string | undefined,
  value: string | undefined,
): string {
  const length = text.length + (base?.length ?? 0) + (value?.length ?? 0)
  const url = length > urlLengthMax ? null : URL.parse(text, base)
  if (!url) return ''
  if (part !== undefined && part !== 'origin' && (urlParts as readonly string[]).includes(part))
    url[part as Exclude<(typeof urlParts)[number], 'origin'>] = value ?? ''
  return JSON.stringify(urlParts.map((name) => url[name]))
}
