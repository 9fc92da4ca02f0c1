import type { Command } from 'commander'
import { z } from 'zod'
import { RegistryApi, registryUrl } from './registry-api.ts'

export interface RegistryFlags {
  readonly registry?: string
  readonly json?: true
  readonly otp?: string
}

/** What every command takes that asks a registry as somebody. */
export function addRegistryFlags(command: Command): Command {
  return command
    .option('--registry <url>', 'address of the registry (default: $INGOT_REGISTRY, or the one that was signed in to)')
    .option('--json', 'prints the answer as JSON')
}

export function addOtpFlag(command: Command): Command {
  return command.option('--otp <code>', 'code of an authenticator app, where a second factor is wanted')
}

/** The registry that is meant; a second factor that was given is shown to it first. */
export async function registryOfFlags({ registry, otp }: RegistryFlags): Promise<RegistryApi> {
  const api = new RegistryApi(await registryUrl(registry))
  if (otp !== undefined) {
    await api.json(z.object({ expiresAt: z.string() }), 'POST', '/session/second-factor', { body: { totp: otp } })
  }
  return api
}

/** Prints an answer: as JSON for programs, as text for people. */
export function print(flags: RegistryFlags, answer: unknown, text: string): void {
  process.stdout.write(flags.json ? `${JSON.stringify(answer, null, 2)}\n` : text)
}
