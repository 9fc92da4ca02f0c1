import { fixed, httpClientRules, httpClientShape, withRules } from '@ingot/kits'
import { block, duration, receivers, size, targets } from '@ingot/sdk'
import { z } from 'zod'

const limit = (what: string) => z.number().int().min(0).default(0).describe(`${what} 0 means no limit.`)

export const scrapeProtocols = [
  'OpenMetricsText1.0.0',
  'OpenMetricsText0.0.1',
  'PrometheusText1.0.0',
  'PrometheusText0.0.4',
] as const
export type ScrapeProtocol = (typeof scrapeProtocols)[number]

const refused = {
  convert_classic_histograms_to_nhcb: fixed(z.boolean(), false).describe(
    'Converts classic histograms to native ones with custom buckets. Not supported: must be false.',
  ),
  start_timestamp_zero_ingestion: fixed(z.boolean(), false).describe(
    'Writes a zero sample at the start of a counter. Not supported: must be false.',
  ),
  enable_protobuf_negotiation: fixed(z.boolean(), false).describe(
    'Asks for the protobuf format. Not supported: must be false.',
  ),
  enable_type_and_unit_labels: fixed(z.boolean(), false).describe(
    'Adds type and unit as labels. Not supported: must be false.',
  ),
  honor_metadata: fixed(z.boolean(), false).describe(
    'Passes metadata on with each sample. Not supported: must be false.',
  ),
  native_histogram_bucket_limit: fixed(z.number().int().min(0), 0).describe(
    'Most buckets of a native histogram. Not supported: must be 0.',
  ),
  native_histogram_min_bucket_factor: fixed(z.number().min(0), 0).describe(
    'Lowest growth factor of native histograms. Not supported: must be 0.',
  ),
  scrape_classic_histograms: fixed(z.boolean(), false).describe(
    'Scrapes classic histograms beside native ones. Not supported: must be false.',
  ),
  scrape_failure_log_file: fixed(z.string(), '').describe(
    'File that failed scrapes are logged to. Not supported: must be empty.',
  ),
  scrape_native_histograms: fixed(z.boolean(), false).describe(
    'Scrapes native histograms. Not supported: must be false.',
  ),
}

/** Arguments of `prometheus.scrape`, as Alloy's. */
export const scrapeArguments = withRules(
  z.strictObject({
    targets: targets().describe('Targets to scrape.'),
    forward_to: receivers('prometheus.metrics').describe('Receivers of the samples.'),
    body_size_limit: size()
      .optional()
      .describe('Most bytes of an uncompressed response; a larger one fails the scrape.'),
    enable_compression: z.boolean().default(true).describe('Whether gzip is asked for.'),
    extra_metrics: z
      .boolean()
      .default(false)
      .describe('Adds scrape_timeout_seconds, scrape_sample_limit and scrape_body_size_bytes.'),
    honor_labels: z
      .boolean()
      .default(false)
      .describe('Whether labels of the target win over those of its configuration.'),
    honor_timestamps: z.boolean().default(true).describe('Whether timestamps of the target are used.'),
    job_name: z.string().optional().describe('The job label; by default the id of the component.'),
    label_limit: limit('Most labels of a series.'),
    label_name_length_limit: limit('Longest label name.'),
    label_value_length_limit: limit('Longest label value.'),
    metric_name_escaping_scheme: z
      .enum(['', 'underscores', 'dots', 'values', 'allow-utf-8'])
      .default('underscores')
      .describe('How the target is asked to escape names that are not classic ones.'),
    metric_name_validation_scheme: z
      .enum(['legacy', 'utf8'])
      .default('legacy')
      .describe('Which metric and label names are valid.'),
    metrics_path: z.string().default('/metrics').describe('Path to request.'),
    params: z.record(z.string(), z.array(z.string())).optional().describe('Query parameters.'),
    sample_limit: limit('Most samples of a scrape; more fail it.'),
    scheme: z.string().default('http').describe('URL scheme.'),
    scrape_fallback_protocol: z
      .enum([...scrapeProtocols, 'PrometheusText0_0_4', ''])
      .default('PrometheusText0.0.4')
      .describe('Format to assume where the response does not say.'),
    scrape_interval: duration().prefault('60s').describe('Time between scrapes.'),
    scrape_protocols: z
      .array(z.enum(scrapeProtocols))
      .min(1)
      .default([...scrapeProtocols])
      .describe('Formats to ask for, the preferred one first.'),
    scrape_timeout: duration().prefault('10s').describe('Longest time of a scrape.'),
    target_limit: limit('Most targets; more fail all of them.'),
    track_timestamps_staleness: z
      .boolean()
      .default(false)
      .describe('Whether series with timestamps of their own are watched for their end.'),
    clustering: block(
      z.strictObject({
        enabled: z.boolean().describe('Whether targets are shared out between the members of the cluster.'),
      }),
    )
      .optional()
      .describe('Sharing of targets.'),
    ...refused,
    ...httpClientShape,
  }),
  { rule: 'positive', of: ['scrape_interval', 'scrape_timeout'] },
  { rule: 'not_greater', of: ['scrape_timeout', 'scrape_interval'] },
  ...httpClientRules,
)

export type ScrapeArguments = z.output<typeof scrapeArguments>
