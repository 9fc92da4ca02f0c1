import { defaultPolicy, type Override, type RegistryConfig, type ResolutionPolicy } from '@ingot/loader'
import { parseDuration, type BlockStatement, type Body } from '@ingot/syntax'
import { CommandError } from '../command-error.ts'
import { ConfigText } from './config-text.ts'

const nanosecondsOfMs = 1_000_000n

/** The `registry` blocks of a configuration: where modules come from, and how their versions are chosen. @throws CommandError */
export function readRegistries(file: string, text: string): RegistryConfig[] {
  const config = new ConfigText(file, text)
  return config.blocks('registry').map((block) => registryOf(block, config))
}

function registryOf({ label, body }: BlockStatement, config: ConfigText): RegistryConfig {
  const name = label?.text ?? ''
  const url = config.text(body, 'url')
  const scopes = config.texts(body, 'scopes')
  if (name === '' || url === undefined || scopes.length === 0) {
    throw new CommandError(`Cannot read registry "${name}" in "${config.file}": want a label, url and scopes`)
  }
  const root = config.text(body, 'root')
  const allowQuarantined = config.texts(body, 'allow_quarantined')
  const [auth] = config.blocks('auth', body)
  const token = auth && config.text(auth.body, 'bearer_token')
  return {
    name,
    url,
    scopes,
    ...(root === undefined ? {} : { root }),
    ...(token === undefined ? {} : { token }),
    ...(config.text(body, 'on_revoked') === 'block' ? { onRevoked: 'block' as const } : {}),
    ...(allowQuarantined.length > 0 && { allowQuarantined }),
    policy: policyOf(name, body, config),
  }
}

function policyOf(registry: string, body: Body, config: ConfigText): ResolutionPolicy {
  const age = config.value(body, 'min_release_age')
  return {
    minReleaseAgeMs: age === undefined ? defaultPolicy.minReleaseAgeMs : milliseconds(age, registry, config.file),
    allowTrustDowngrade: config.value(body, 'allow_trust_downgrade') === true,
    allowFloating: config.value(body, 'allow_floating') === true,
    overrides: config.blocks('override', body).map((block) => overrideOf(block.body, registry, config)),
  }
}

/** A unit is wanted: tools count release ages in days, minutes or seconds, and a bare number is read wrongly. */
function milliseconds(value: unknown, registry: string, file: string): number {
  const nanoseconds = typeof value === 'string' ? parseDuration(value) : undefined
  if (nanoseconds !== undefined && nanoseconds >= 0n) return Number(nanoseconds / nanosecondsOfMs)
  throw new CommandError(
    `Cannot read min_release_age of registry "${registry}" in "${file}": want a duration with a unit such as "72h"`,
  )
}

function overrideOf(body: Body, registry: string, config: ConfigText): Override {
  const text = (name: string): string => {
    const found = config.text(body, name)
    if (found !== undefined) return found
    throw new CommandError(
      `Cannot read an override of registry "${registry}" in "${config.file}": want select, use, reason and expires`,
    )
  }
  return { select: text('select'), use: text('use'), reason: text('reason'), expires: text('expires') }
}
