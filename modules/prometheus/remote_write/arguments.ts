import { fixed, httpClientRules, httpClientShape, httpUrl, relabelRule, unsupported, withRules } from '@ingot/kits'
import { block, blocks, duration, secret } from '@ingot/sdk'
import { z } from 'zod'

const queueConfig = withRules(
  z.strictObject({
    batch_send_deadline: duration()
      .prefault('5s')
      .describe('Longest time that samples wait for others before they are queued.'),
    capacity: z
      .number()
      .int()
      .min(1)
      .default(10000)
      .describe('Samples to hold in memory. Requests are held on disk instead: accepted for compatibility.'),
    max_backoff: duration().prefault('5s').describe('Longest wait between attempts.'),
    max_samples_per_send: z.number().int().min(1).default(2000).describe('Most samples of a request.'),
    max_shards: z.number().int().min(1).default(50).describe('Most requests under way at once.'),
    min_backoff: duration().prefault('30ms').describe('First wait between attempts.'),
    min_shards: z
      .number()
      .int()
      .min(1)
      .default(1)
      .describe('Fewest requests under way at once. Requests are sent as they come: accepted for compatibility.'),
    retry_on_http_429: z.boolean().default(true).describe('Whether a request that is answered 429 is sent again.'),
    sample_age_limit: duration().prefault('0s').describe('Older samples are dropped; 0 means never.'),
  }),
  { rule: 'not_greater', of: ['min_shards', 'max_shards'] },
  { rule: 'not_greater', of: ['min_backoff', 'max_backoff'] },
)

const metadataConfig = z.strictObject({
  max_samples_per_send: z.number().int().min(1).default(2000).describe('Most metric families of a request.'),
  send_interval: duration().prefault('1m').describe('Time between two sendings.'),
  send: z.boolean().default(true).describe('Whether metadata is sent.'),
})

const azureTenant = { client_id: z.string().describe('Client id.'), tenant_id: z.string().describe('Tenant id.') }

/** Blocks that Alloy has and this component refuses, for they need other ways to sign requests. */
const refusedBlocks = {
  azuread: block(
    unsupported(
      z.strictObject({
        cloud: z.string().default('AzurePublic').describe('Azure cloud.'),
        scope: z.string().default('').describe('Scope to ask for.'),
        managed_identity: block(z.strictObject({ client_id: z.string().describe('Client id.') }))
          .optional()
          .describe('Managed identity.'),
        oauth: block(z.strictObject({ ...azureTenant, client_secret: secret().describe('Client secret.') }))
          .optional()
          .describe('OAuth.'),
        sdk: block(z.strictObject({ tenant_id: z.string().describe('Tenant id.') }))
          .optional()
          .describe('SDK credentials.'),
        workload_identity: block(
          z.strictObject({
            ...azureTenant,
            token_file_path: z
              .string()
              .default('/var/run/secrets/azure/tokens/azure-identity-token')
              .describe('File of the token.'),
          }),
        )
          .optional()
          .describe('Workload identity.'),
      }),
    ),
  ).describe('Azure AD. Not supported: must be left out.'),
  google_iam: block(
    unsupported(z.strictObject({ credentials_file: z.string().optional().describe('File of the credentials.') })),
  ).describe('Google IAM. Not supported: must be left out.'),
  sigv4: block(
    unsupported(
      z.strictObject({
        access_key: z.string().optional().describe('Access key.'),
        external_id: z.string().optional().describe('External id.'),
        profile: z.string().optional().describe('Profile.'),
        region: z.string().optional().describe('Region.'),
        role_arn: z.string().optional().describe('Role.'),
        secret_key: secret().optional().describe('Secret key.'),
        service_name: z.string().default('aps').describe('Service.'),
        use_fips_sts_endpoint: z.boolean().default(false).describe('Whether FIPS endpoints are used.'),
      }),
    ),
  ).describe('AWS Signature Version 4. Not supported: must be left out.'),
}

/** An `endpoint` block, as Alloy's. */
export const endpointArguments = withRules(
  z.strictObject({
    url: httpUrl().describe('URL to send to.'),
    name: z.string().optional().describe('Name of the endpoint in metrics, and of its queue on disk.'),
    remote_timeout: duration().prefault('30s').describe('Longest time of a request.'),
    headers: z.record(z.string(), z.string()).optional().describe('Headers to send with each request.'),
    protobuf_message: fixed(z.string(), 'prometheus.WriteRequest').describe(
      'Message to send. Only prometheus.WriteRequest (remote write 1.0) is supported.',
    ),
    round_robin_dns: fixed(z.boolean(), false).describe(
      'Whether each request picks another address. Not supported: must be false.',
    ),
    send_exemplars: z.boolean().default(true).describe('Whether exemplars are sent.'),
    send_native_histograms: fixed(z.boolean(), false).describe(
      'Whether native histograms are sent. Not supported: must be false.',
    ),
    ...httpClientShape,
    enable_http2: z
      .boolean()
      .default(false)
      .describe('Whether HTTP/2 may be used. Requests go over HTTP/1.1, which every server speaks.'),
    queue_config: block(queueConfig).prefault({}).describe('How requests are made and sent.'),
    metadata_config: block(metadataConfig).prefault({}).describe('How metadata is sent.'),
    write_relabel_config: blocks(relabelRule)
      .default([])
      .describe('Relabel rules that samples go through before they are sent.'),
    ...refusedBlocks,
  }),
  ...httpClientRules,
)

export const remoteWriteArguments = withRules(
  z.strictObject({
    external_labels: z
      .record(z.string(), z.string())
      .optional()
      .describe('Labels to add where a series has none of that name.'),
    endpoint: blocks(endpointArguments).default([]).describe('Where samples are sent.'),
    wal: block(
      z.strictObject({
        truncate_frequency: duration()
          .prefault('2h')
          .describe('Accepted for compatibility: what is sent is forgotten at once.'),
        min_keepalive_time: duration()
          .prefault('5m')
          .describe('Accepted for compatibility: what is sent is forgotten at once.'),
        max_keepalive_time: duration()
          .prefault('8h')
          .describe('Samples that could not be sent for so long are dropped.'),
      }),
    )
      .prefault({})
      .describe('How long samples are kept.'),
  }),
  { rule: 'unique', of: 'endpoint', by: 'name' },
)

export type RemoteWriteArguments = z.output<typeof remoteWriteArguments>
export type EndpointArguments = z.output<typeof endpointArguments>
