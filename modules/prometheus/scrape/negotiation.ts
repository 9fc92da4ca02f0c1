import type { ExpositionFormat } from '@ingot/telemetry'
import type { ScrapeArguments, ScrapeProtocol } from './arguments.ts'

const mediaTypes: Readonly<Record<ScrapeProtocol, string>> = {
  'OpenMetricsText1.0.0': 'application/openmetrics-text;version=1.0.0',
  'OpenMetricsText0.0.1': 'application/openmetrics-text;version=0.0.1',
  'PrometheusText1.0.0': 'text/plain;version=1.0.0',
  'PrometheusText0.0.4': 'text/plain;version=0.0.4',
}

/** The `Accept` header for the wanted formats, the preferred one with the highest weight. */
export function acceptHeader(args: Pick<ScrapeArguments, 'scrape_protocols' | 'metric_name_escaping_scheme'>): string {
  const escaping = args.metric_name_escaping_scheme || 'underscores'
  let weight = args.scrape_protocols.length + 1
  const parts = args.scrape_protocols.map((protocol) => {
    const scheme = protocol.endsWith('1.0.0') ? `;escaping=${escaping}` : ''
    return `${mediaTypes[protocol]}${scheme};q=0.${weight--}`
  })
  return [...parts, `*/*;q=0.${weight}`].join(',')
}

/** The format of a response. @throws Error when it is none of ours and no fallback is configured. */
export function formatOf(
  contentType: string | undefined,
  fallback: ScrapeArguments['scrape_fallback_protocol'],
): ExpositionFormat {
  const media = (contentType ?? '').split(';')[0]!.trim().toLowerCase()
  if (media === 'application/openmetrics-text') return 'openmetrics'
  if (media === 'text/plain') return 'text'
  if (fallback === '') {
    throw new Error(
      `received the unsupported Content-Type ${JSON.stringify(contentType ?? '')} and no scrape_fallback_protocol is set`,
    )
  }
  return fallback.startsWith('OpenMetrics') ? 'openmetrics' : 'text'
}
