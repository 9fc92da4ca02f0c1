import { defineComponent } from '@ingot/sdk'
import { sourceFileArguments } from './arguments.ts'
import { FileSource } from './file-source.ts'

export default defineComponent({
  name: 'loki.source.file',
  stability: 'generally-available',
  summary: 'Reads log entries from files and follows the files as they grow and are rotated.',
  docs: `Each line is an entry with the labels of its target (those beginning with \`__\` left out) and \`filename\`.

A file's position moves only when the fate of its entries is settled: after a crash reading goes on there, so an entry may
be sent twice but none is lost. A file that is rotated by renaming is read to its end under its new name, after a restart
too. The last line is handed on when its newline is written, or when the file is rotated away.`,
  arguments: sourceFileArguments,
  capabilities: {
    'fs.read': [
      { why: 'Reads the files of the targets.', from: 'targets.__path__' },
      { why: 'Takes over positions of another collector.', from: 'legacy_positions_file' },
    ],
    state: [{ why: 'Remembers how far each file has been delivered.' }],
    clock: [{ why: 'Stamps entries with the time at which they were read, and polls files.' }],
    peers: [{ why: 'Shares the files between lanes.' }],
  },
  scaling: 'replicate',
  settles: 'with delivery',
  signals: ['loki.logs'],
  async run(context) {
    await new FileSource(context).run()
  },
})
