import { scopeOf, type ModuleManifest } from '@ingot/manifest'
import { openStorage, type StorageOptions } from '../registry.ts'

/** Modules that are written in one transaction. */
const batchModules = 200

export interface FilledModule {
  readonly manifest: ModuleManifest
  readonly readme: string
}

/**
 * Fills storage with many modules as if they had been published, in minutes instead of hours: facts and what is
 * searched, without archives, statements or hashes of the log, so nothing of it can be fetched or proved.
 */
export async function fillRegistry(
  storage: StorageOptions,
  modules: readonly FilledModule[],
  progress: (done: number) => void = () => undefined,
): Promise<void> {
  const { meta, close } = await openStorage(storage)
  try {
    for (let start = 0; start < modules.length; start += batchModules) {
      const batch = modules.slice(start, start + batchModules).map((module, at) => rowsOf(module, start + at))
      await meta.database.write(async (transaction) => {
        await transaction
          .insertInto('log_leaves')
          .values(batch.map(({ leaf }) => leaf))
          .execute()
        await transaction
          .insertInto('modules')
          .values(batch.map(({ module }) => module))
          .execute()
        await transaction
          .insertInto('versions')
          .values(batch.map(({ version }) => version))
          .execute()
        for (const { leaf } of batch) await meta.searchIndexer.index(leaf.idx, transaction)
      })
      progress(start + batch.length)
    }
  } finally {
    await close()
  }
}

function rowsOf({ manifest, readme }: FilledModule, index: number) {
  const { name, version } = manifest
  const at = new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString()
  return {
    leaf: { idx: index, type: 'publish', subject: `${name}@${version}`, module: name, at, leaf: '{}' },
    module: { id: index, name, scope: scopeOf(name), created_at: at },
    version: {
      log_index: index,
      module_id: index,
      version,
      sha512: index.toString(16).padStart(128, '0'),
      size_bytes: 1,
      unpacked_bytes: 1,
      manifest: JSON.stringify(manifest),
      manifest_integrity: '',
      caps_integrity: '',
      readme,
      bundle: '{}',
      published_at: at,
      publisher: 'test',
      trust: index % 4,
      status: 'active',
    },
  }
}
