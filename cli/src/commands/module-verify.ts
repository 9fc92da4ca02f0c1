import { verifyModules, type VerifiedModule } from '@ingot/loader'
import { moduleKey } from '@ingot/manifest'
import type { Command } from 'commander'
import { CommandError } from '../command-error.ts'
import { readPinnedConfiguration } from '../module-changes/pinned-configuration.ts'

interface Flags {
  readonly config: string
  readonly json?: boolean
}

/** `ingot module verify`: whether what is pinned is what its registry has published, judged without asking it. */
export function registerVerify(module: Command): void {
  module
    .command('verify')
    .description(
      'judges every pinned module by its bytes, its statement, its place in the log and the root keys; asks nobody',
    )
    .requiredOption('--config <file>', 'configuration whose registry blocks name the root keys')
    .option('--json', 'prints the result as JSON')
    .action(verify)
}

async function verify(flags: Flags): Promise<void> {
  const modules = await verifyModules(await readPinnedConfiguration(flags.config))
  if (flags.json === true) process.stdout.write(`${JSON.stringify({ modules }, null, 2)}\n`)
  else process.stdout.write(modules.map((found) => `${line(found)}\n`).join(''))
  const wrong = modules.filter(({ problem }) => problem !== undefined).length
  if (wrong > 0) throw new CommandError(`Cannot vouch for the modules: ${wrong} of ${modules.length} do not hold`)
}

function line({ module, version, from, verified, log, problem }: VerifiedModule): string {
  const key = moduleKey(module, version)
  if (problem !== undefined) return `wrong ${key} (${from}): ${problem}`
  if (verified === 'digest')
    return `ok ${key} (${from}): its digest; the configuration names no root keys to judge more by`
  return `ok ${key} (${from}): digest, statement and root keys${log === undefined ? '' : `, leaf ${log} of the log`}`
}
