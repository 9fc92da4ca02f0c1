import { GitImport } from '@ingot/loader'

/** Fetches and checks out over and over, until it is killed: `node follow-repository.ts <repository> <folder>`. */
const [repository = '', folder = ''] = process.argv.slice(2)
const followed = new GitImport({ repository, revision: 'main', path: 'lib.alloy' }, folder)
process.stdout.write('started\n')
for (;;) {
  const { commit } = await followed.fetch()
  await followed.place(commit)
}
