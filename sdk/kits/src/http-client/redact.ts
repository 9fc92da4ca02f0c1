import { Secret } from '@ingot/sdk'

/** In place of what must not be shown; without characters that a URL would have to escape. */
const redaction = 'xxxxx'

/** A URL as logs, metrics and pages show it: without the password that it may hold. Other text stays as it is. */
export function redactedUrl(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#:@\s]*):[^/?#\s]*@/i, `$1:${redaction}@`)
}

/** User and password of a URL, as they are after unescaping; `undefined` when it has no password. */
export function userinfoOf(url: string): { readonly username: string; readonly password: string } | undefined {
  if (!URL.canParse(url)) return undefined
  const { username, password } = new URL(url)
  return password === '' ? undefined : { username: unescaped(username), password: unescaped(password) }
}

/** A text that somebody else wrote, without the secrets that may have been said back. */
export function withoutSecrets(text: string, secrets: Iterable<string>): string {
  const longestFirst = [...new Set(secrets)].filter(Boolean).sort((a, b) => b.length - a.length)
  return longestFirst.reduce((rest, secret) => rest.replaceAll(secret, redaction), text)
}

/** The texts of all secrets in the arguments of a component. */
export function secretsIn(args: unknown): readonly string[] {
  if (args instanceof Secret) return [args.reveal()]
  return typeof args === 'object' && args !== null ? Object.values(args).flatMap(secretsIn) : []
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
