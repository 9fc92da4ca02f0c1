import http from 'node:http'
import https from 'node:https'
import { CommandError } from './command-error.ts'

/** Of an answer that is a refusal. */
const refusalBytesMax = 4_096

export interface CollectorQuestion {
  /** `Cannot <what>: …`, in errors. */
  readonly what: string
  readonly method: 'GET' | 'POST'
  /** Below the collector's address. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /** `--url` */
  readonly url: string
}

/** Asks a running collector over its HTTP server. @throws CommandError when it cannot be reached or refuses */
export function askCollector({
  what,
  method,
  path,
  query = {},
  url,
}: CollectorQuestion): Promise<http.IncomingMessage> {
  const base = URL.parse(url)
  if (base?.protocol !== 'http:' && base?.protocol !== 'https:')
    throw new CommandError(`Cannot ${what}: found "${url}", want an address like "http://127.0.0.1:12345"`)
  const target = new URL(`${base.pathname.replace(/\/+$/, '')}${encodeURI(path)}`, base)
  for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value)
  const credentials = base.username === '' ? {} : { auth: decodeURIComponent(`${base.username}:${base.password}`) }
  return new Promise((resolve, reject) => {
    const request = (base.protocol === 'http:' ? http : https).request(target, { method, ...credentials })
    request.on('error', (error) =>
      reject(new CommandError(`Cannot reach the collector at ${base.origin}: ${error.message}`, 'name it with --url')),
    )
    request.on('response', (answer) => {
      if (answer.statusCode === 200) resolve(answer)
      else void refusal(answer, what).then((text) => reject(new CommandError(text)))
    })
    request.end()
  })
}

async function refusal(answer: http.IncomingMessage, what: string): Promise<string> {
  let text = ''
  for await (const chunk of answer) {
    text += String(chunk)
    if (text.length > refusalBytesMax) break
  }
  return (
    text.trim().slice(0, refusalBytesMax) || `Cannot ${what}: the collector answers with status ${answer.statusCode}`
  )
}
