import { type EditorFiles, type EditorHost, WorkerChecker } from '@ingot/editor'
import { decodeSource } from '@ingot/syntax'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { openChecks, type ThreadOptions } from './open-checks.ts'

/** Files larger than this are not read: the collector would refuse them too. */
const fileBytesMax = 16 * 2 ** 20

/** The editor's view of this machine: the distribution's components and the file system. */
export async function editorHost(options: ThreadOptions): Promise<EditorHost> {
  const { distribution, checks } = await openChecks(options)
  return {
    components: new Map(distribution.components().map(({ name, component }) => [name, component])),
    configSchemas: checks.configSchemas,
    globals: checks.globals,
    files,
    checker: new WorkerChecker(() => {
      return new Worker(new URL('check-thread.ts', import.meta.url), { workerData: options, stdout: true })
    }),
  }
}

const files: EditorFiles = {
  list: async (folder) => {
    const names = await readdir(folder).catch(() => [])
    return names
      .filter((name) => name.endsWith('.alloy'))
      .toSorted()
      .map((name) => join(folder, name))
  },
  read: async (path) => {
    try {
      const bytes = await readFile(path)
      return bytes.length > fileBytesMax ? undefined : decodeSource(path, bytes).text
    } catch {
      return undefined
    }
  },
}
