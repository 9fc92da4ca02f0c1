import { notYet, withRules } from '@ingot/kits'
import { block, duration, receivers, targets } from '@ingot/sdk'
import { z } from 'zod'
import { encodingNames } from './line-encoding.ts'

const decompression = z.strictObject({
  enabled: z.boolean().describe('Whether files are decompressed.'),
  format: notYet(z.enum(['gz', 'z', 'bz2']), { except: ['gz'] }).describe(
    'Format of the files: "gz". The formats "z" and "bz2" are not read.',
  ),
  initial_delay: duration().prefault('0s').describe('Time to wait before a new file is read.'),
})

export const sourceFileArguments = z.strictObject({
  targets: targets().describe('Files to read: `__path__` is the path; other labels go to the entries.'),
  forward_to: receivers('loki.logs').describe('Receivers of the entries.'),
  encoding: z
    .string()
    .default('')
    .transform((name) => name.toLowerCase().replaceAll('_', '-'))
    .pipe(z.enum(encodingNames))
    .describe(
      'Encoding of the files: UTF-8 (default), UTF-16 (with byte-order mark), UTF-16LE, UTF-16BE or ISO-8859-1.',
    ),
  tail_from_end: z.boolean().default(false).describe('Reads a file without a position from its end.'),
  legacy_positions_file: z
    .string()
    .default('')
    .describe('Positions file of another collector, used for files without a position.'),
  on_positions_file_error: z
    .enum(['restart_from_beginning', 'restart_from_end', 'skip'])
    .default('restart_from_beginning')
    .describe('What to do with a file whose position cannot be read.'),
  decompression: block(decompression).optional().describe('Decompression of the files, each read once.'),
  file_watch: block(
    withRules(
      z.strictObject({
        min_poll_frequency: duration().prefault('250ms').describe('Time between two looks at a file that changes.'),
        max_poll_frequency: duration().prefault('250ms').describe('Time between two looks at a file that is quiet.'),
      }),
      { rule: 'not_greater', of: ['min_poll_frequency', 'max_poll_frequency'] },
    ),
  )
    .prefault({})
    .describe('How files are watched.'),
  file_match: block(
    z.strictObject({
      enabled: z.boolean().default(false).describe('Whether `__path__` is a pattern.'),
      sync_period: duration().prefault('10s').describe('Time between two searches.'),
      ignore_older_than: duration().prefault('0s').describe('Leaves out files not written for this long; 0 keeps all.'),
    }),
  )
    .prefault({})
    .describe('Search of files by pattern.'),
})

export type SourceFileArguments = z.output<typeof sourceFileArguments>
