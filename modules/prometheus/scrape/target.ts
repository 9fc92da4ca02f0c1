import { Labels } from '@ingot/telemetry'
import { parseDuration } from '@ingot/sdk'
import type { ScrapeArguments } from './arguments.ts'

/** What is scraped: one URL under one set of labels. */
export interface Target {
  /** Equal for equal targets: what ownership and state follow. */
  readonly key: string
  readonly url: string
  /** Labels of the configuration that its series get. */
  readonly labels: Labels
  readonly intervalMs: number
  readonly timeoutMs: number
}

type TargetDefaults = Pick<
  ScrapeArguments,
  'job_name' | 'scheme' | 'metrics_path' | 'params' | 'scrape_interval' | 'scrape_timeout'
>

/**
 * The target of a label set, by Prometheus' rules: `__address__`, `__scheme__`, `__metrics_path__`, `__param_*`,
 * `__scrape_interval__` and `__scrape_timeout__` say what to scrape; other labels that begin with `__` are left out.
 * @throws Error when the labels are not those of a target.
 */
export function targetOf(given: Readonly<Record<string, string>>, args: TargetDefaults, componentId: string): Target {
  const of = (name: string, fallback: string) => given[name] || fallback
  const address = given['__address__'] ?? ''
  if (address === '') throw new Error('no address')
  if (address.includes('/')) throw new Error(`"${address}" is not a valid hostname`)
  const scheme = of('__scheme__', args.scheme)
  if (scheme !== 'http' && scheme !== 'https') throw new Error(`unsupported scheme "${scheme}": want http or https`)
  const path = of('__metrics_path__', args.metrics_path)
  const query = queryOf(given, args.params ?? {})
  const url = `${scheme}://${address}${path.startsWith('/') ? '' : '/'}${path}${query === '' ? '' : `${path.includes('?') ? '&' : '?'}${query}`}`
  const intervalMs = durationOf(given['__scrape_interval__'], args.scrape_interval, 'interval')
  const timeoutMs = durationOf(given['__scrape_timeout__'], args.scrape_timeout, 'timeout')
  if (timeoutMs > intervalMs) throw new Error('scrape timeout cannot be greater than scrape interval')
  const labels = Labels.from([
    ['job', args.job_name || componentId],
    ['instance', address],
    ...Object.entries(given).filter(([name, value]) => !name.startsWith('__') && value !== ''),
  ])
  return { key: `${labels.key}\u0002${url}`, url, labels, intervalMs, timeoutMs }
}

function durationOf(text: string | undefined, fallback: number, what: string): number {
  const ms = text ? parseDuration(text) : fallback
  if (ms <= 0) throw new Error(`scrape ${what} must be greater than 0`)
  return ms
}

function queryOf(
  given: Readonly<Record<string, string>>,
  configured: Readonly<Record<string, readonly string[]>>,
): string {
  const params = new Map(Object.entries(configured).map(([name, values]) => [name, [...values]]))
  for (const [name, value] of Object.entries(given)) {
    if (!name.startsWith('__param_')) continue
    const param = name.slice('__param_'.length)
    params.set(param, [value, ...(params.get(param) ?? []).slice(1)])
  }
  const encode = (text: string) => encodeURIComponent(text).replaceAll('%20', '+')
  return [...params]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, values]) => values.map((value) => `${encode(name)}=${encode(value)}`))
    .join('&')
}

/** A number in [0, 1) that spreads scrapes over their interval: FNV-1a of the key. */
export function spreadOf(key: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}
