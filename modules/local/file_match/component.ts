import { expandPathTargets } from '@ingot/kits'
import { defineComponent, duration, targets } from '@ingot/sdk'
import { z } from 'zod'

export default defineComponent({
  name: 'local.file_match',
  stability: 'generally-available',
  summary: 'Finds files by patterns and exports them as targets.',
  docs: `A pattern may use \`*\`, \`?\`, \`[…]\`, \`{a,b}\` and \`**\` for any number of directories. The labels of a path target
go to all files that it finds.`,
  arguments: z.strictObject({
    path_targets: targets().describe(
      'Patterns: `__path__` is what files must match, `__path_exclude__` what they must not.',
    ),
    sync_period: duration().prefault('10s').describe('Time between two searches.'),
    ignore_older_than: duration().prefault('0s').describe('Leaves out files not written for this long; 0 keeps all.'),
  }),
  exports: z.object({ targets: targets().describe('The files that were found.') }),
  capabilities: {
    'fs.read': [{ why: 'Searches files that match the patterns.', from: 'path_targets.__path__' }],
    clock: [{ why: 'Searches again after some time.' }],
  },
  async run({ args, env, signal, setExports, setHealth }) {
    while (!signal.aborted) {
      try {
        const { ignore_older_than: ageMs } = args
        const found = await expandPathTargets(env.fs, args.path_targets, {
          writtenSinceMs: ageMs > 0 ? env.clock.now() - ageMs : 0,
        })
        setExports({ targets: found.map((target) => ({ ...target })) })
        setHealth('healthy', `found ${found.length} files`)
      } catch (error) {
        setHealth('unhealthy', `files could not be searched: ${error instanceof Error ? error.message : String(error)}`)
      }
      await env.clock.sleep(args.sync_period, { signal }).catch(() => undefined)
    }
  },
})
