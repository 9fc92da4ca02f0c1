import { parseModuleKey, type JsonSchema } from '@ingot/manifest'
import { parseKeyText } from '@ingot/loader'
import { block, blocks, duration, receivers, secret, size } from '@ingot/sdk'
import { httpClientRules, httpClientShape, httpUrl, withRules } from '@ingot/kits'
import { z } from 'zod'
import { limitsSchema } from './import-limits.ts'

/** The blocks that configure the collector itself, as schemas of the same kind as a component's arguments. */
const logging = z.strictObject({
  level: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('Lines below this level are left out.'),
  format: z.enum(['logfmt', 'json']).default('logfmt').describe('Form of a line on standard error.'),
  write_to: receivers('loki.logs').optional().describe('Where log lines are sent as entries.'),
})

const tls = z.strictObject({
  cert_file: z.string().optional().describe('File with the certificate chain, PEM.'),
  key_file: z.string().optional().describe('File with the private key, PEM.'),
  cert_pem: z.string().optional().describe('Certificate chain, PEM.'),
  key_pem: secret().optional().describe('Private key, PEM.'),
})
const http = z.strictObject({
  tls: block(tls).optional().describe('Serves HTTPS.'),
  auth: block(
    z.strictObject({
      basic: block(
        z.strictObject({ username: z.string().describe('User name.'), password: secret().describe('Password.') }),
      ).describe('HTTP basic authentication.'),
      filter: block(
        z.strictObject({
          paths: z.array(z.string()).default([]).describe('Path prefixes.'),
          authenticate_matching_paths: z
            .boolean()
            .default(true)
            .describe('Whether matching or all other paths need authentication.'),
        }),
      )
        .optional()
        .describe('Which paths need authentication.'),
    }),
  )
    .optional()
    .describe('Authentication of requests.'),
})

const edge = z.strictObject({
  policy: z
    .enum(['block', 'spill', 'drop_oldest'])
    .optional()
    .describe('What an edge does when its receiver is slower than its sender.'),
  memory: size().prefault('32MiB').describe('Bytes under way on an edge.'),
  disk: size().prefault('1GiB').describe('Bytes that wait on disk in front of a receiver.'),
})
const trustedKey = z.string().superRefine((text, context) => {
  try {
    parseKeyText(text)
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message })
  }
})
const ingot = z.strictObject({
  lanes: z.int().min(1).max(64).optional().describe('Worker threads that run components.'),
  edge: block(edge).optional().describe('Defaults of every edge.'),
  trust: block(
    z.strictObject({
      keys: z
        .array(trustedKey)
        .default([])
        .describe('Keys whose modules run in lanes: `ed25519:` and the SPKI of the key in base64.'),
      native: z
        .array(trustedKey)
        .default([])
        .describe('Keys whose native modules may run, and their other modules in lanes.'),
    }),
  )
    .optional()
    .describe('Keys beside the distribution key.'),
})

/** Registries are asked by all collectors that use them. */
const pollMsMin = 1_000

/** How versions are chosen is read by the command line: a collector runs what its lock pins. */
const override = z.strictObject({
  select: z.string().describe('Versions that are replaced: `@scope/name@<2.1.7`.'),
  use: z.string().describe('The version that takes their place, even where a range does not allow it.'),
  reason: z.string().describe('Why.'),
  expires: z.string().describe('Day from which on it is an error: `2027-01-01`.'),
})
const registry = z.strictObject({
  url: z
    .string()
    .describe(
      'Where the registry is: https://, http:// on loopback, or file:. A git repository with the files of an export: git+https://, git+ssh:// or git+file:, with #branch where it is not main.',
    ),
  scopes: z.array(z.string()).describe('Scopes that come from this registry and from no other.'),
  root: z.string().optional().describe("Fingerprint of the registry's root keys."),
  min_release_age: duration()
    .refine((ms) => ms >= 0, 'want 0 or more')
    .prefault('72h')
    .describe('How long a version has to have been public before it is chosen. "0s" for modules of your own.'),
  allow_trust_downgrade: z
    .boolean()
    .default(false)
    .describe('Whether a version may be chosen whose publisher is less well known than those of its major before it.'),
  allow_floating: z.boolean().default(false).describe('Whether imports may name a tag or a range without a bound.'),
  allow_quarantined: z
    .array(
      z
        .string()
        .refine((key) => parseModuleKey(key) !== undefined, 'want a version of a module such as "@acme/redact@1.4.2"'),
    )
    .default([])
    .describe('Versions such as "@acme/redact@1.4.2" that are wanted although they are in quarantine.'),
  on_revoked: z
    .enum(['warn', 'block'])
    .default('warn')
    .describe('What becomes of a pinned module when the key that vouched for it is known to be revoked.'),
  poll_frequency: duration()
    .refine((ms) => ms === 0 || ms >= pollMsMin, `want 0, or at least ${pollMsMin / 1000}s`)
    .prefault('10m')
    .describe(
      'Time between two looks at what the registry says by now of the modules that run: advisories, yanks, quarantine, revoked keys; 0 for none.',
    ),
  override: blocks(override).default([]).describe('A version to take in the place of others, for a while.'),
  auth: block(z.strictObject({ bearer_token: secret().describe('Token for private modules.') }))
    .optional()
    .describe('Credentials.'),
})

const importModule = z.strictObject({
  module: z.string().describe('`@scope/name`.'),
  version: z.string().describe('Range of versions; the lockfile pins one.'),
  grant: block(z.record(z.string(), z.array(z.string())))
    .optional()
    .describe('What the module may do beyond what arguments designate.'),
  limits: block(limitsSchema).optional().describe('Bounds that differ from the defaults.'),
  isolation: z
    .enum(['module', 'group'])
    .default('module')
    .describe(
      'Whether each component has a process of its own, or shares one, with an isolate each, with others of its scope. A shared process takes less memory, and when one of them ends it, it ends for all.',
    ),
  on_quarantine: z
    .enum(['block', 'drop', 'bypass'])
    .default('block')
    .describe(
      'What happens to batches while the module is quarantined: `block` makes their senders wait, `drop` drops and counts them, `bypass` sends them on as they came. A component that is tagged `redact` cannot be bypassed: what it should have taken out would get through.',
    ),
})
const importFile = z.strictObject({
  filename: z.string().describe('A file, or a folder whose *.alloy files are read.'),
  detector: z.enum(['fsnotify', 'poll']).default('fsnotify').describe('How changes are noticed.'),
  poll_frequency: duration().prefault('1m').describe('Time between two looks.'),
})
const atLeastZero = (text: string) =>
  duration()
    .refine((ms) => ms >= 0, 'want 0 or more')
    .prefault(text)

const sshKey = withRules(
  z.strictObject({
    username: z.string().describe('User name.'),
    key_file: z.string().default('').describe('File of the private key.'),
    key: secret().optional().describe('The private key.'),
    passphrase: secret().optional().describe('Passphrase of the private key.'),
  }),
  { rule: 'exactly_one', of: ['key', 'key_file'] },
)
const importString = z.strictObject({ content: z.union([z.string(), secret()]).describe('Configuration text.') })
const importGit = z.strictObject({
  repository: z
    .string()
    .describe('Address of the repository: https, http, ssh, git, file, `user@host:path` or the path of a folder.'),
  revision: z.string().default('main').describe('A tag, a branch or a commit.'),
  path: z.string().describe('A file of the repository, or a folder of it whose *.alloy files are read.'),
  pull_frequency: atLeastZero('60s').describe('Time between two looks at the repository; 0 for none.'),
  basic_auth: block(
    z.strictObject({ username: z.string().describe('User name.'), password: secret().describe('Password or token.') }),
  )
    .optional()
    .describe('HTTP basic authentication.'),
  ssh_key: block(sshKey)
    .optional()
    .describe(
      'SSH with a key. The host must be in the known hosts of the user, or in the files that SSH_KNOWN_HOSTS lists.',
    ),
})
const importHttp = withRules(
  z.strictObject({
    url: httpUrl().describe('Where the configuration is.'),
    method: z
      .string()
      .regex(/^[A-Za-z]+$/, 'want the name of an HTTP method')
      .default('GET')
      .describe('HTTP method.'),
    headers: z.record(z.string(), z.string()).default({}).describe('Headers of the request.'),
    body: z.string().optional().describe('Body of the request.'),
    poll_frequency: duration().prefault('1m').describe('Time between two requests.'),
    poll_timeout: duration().prefault('10s').describe('How long one request may take.'),
    client: block(withRules(z.strictObject(httpClientShape), ...httpClientRules))
      .optional()
      .describe('Credentials, TLS and proxy.'),
  }),
  { rule: 'positive', of: ['poll_frequency', 'poll_timeout'] },
)
const livedebugging = z.strictObject({ enabled: z.boolean().default(false).describe('Whether live debugging is on.') })

export const configBlocks = {
  logging,
  http,
  ingot,
  registry,
  livedebugging,
  'import.module': importModule,
  'import.file': importFile,
  'import.string': importString,
  'import.git': importGit,
  'import.http': importHttp,
} as const
export type ConfigBlockName = keyof typeof configBlocks
export type ConfigBlock<N extends ConfigBlockName> = z.output<(typeof configBlocks)[N]>

/** Their JSON Schemas, for the type checker. */
export const configBlockSchemas: Readonly<Record<ConfigBlockName, JsonSchema>> = Object.fromEntries(
  Object.entries(configBlocks).map(([name, schema]) => [
    name,
    z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }),
  ]),
) as never
