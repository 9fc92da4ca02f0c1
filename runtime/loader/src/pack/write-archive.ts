import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export interface PackedFile {
  /** Relative, with `/`. */
  readonly path: string
  readonly bytes: Uint8Array
}

/**
 * A gzipped ustar archive whose bytes follow from the files alone: sorted by path, no owner, no time, one mode. The
 * files are staged in a folder of their own, so that the author's modes and links never reach the archive.
 */
export async function writeArchive(files: readonly PackedFile[]): Promise<Uint8Array> {
  const sorted = [...files].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)))
  const { create } = await import('tar')
  const staging = await mkdtemp(join(tmpdir(), 'ingot-pack-'))
  try {
    for (const { path, bytes } of sorted) {
      const file = join(staging, 'content', path)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, bytes)
      await chmod(file, 0o644)
    }
    const archive = join(staging, 'module.tgz')
    await create(
      {
        cwd: join(staging, 'content'),
        file: archive,
        gzip: { level: 9, portable: true },
        portable: true,
        noPax: true,
        noDirRecurse: true,
        mtime: new Date(0),
      },
      sorted.map(({ path }) => path),
    )
    return await readFile(archive)
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}
