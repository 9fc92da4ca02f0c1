import { createHash } from 'node:crypto'
import { hashLeaf, hashNodes } from '@ingot/trust'
import type { Transaction } from 'kysely'
import { readPublishLeaf } from '../log/publish-leaf.ts'
import { openStorage, type StorageOptions } from '../registry.ts'
import type { BlobStore } from '../storage/blob-store.ts'
import type { Schema } from '../storage/database/schema.ts'
import { auditHash } from '../storage/meta/append-audit.ts'
import { publicLeaf } from '../storage/meta/log-store.ts'
import { tableRows } from './backup-tables.ts'
import { NamedBlobs } from './named-blobs.ts'

export interface CheckFigures {
  readonly leaves: number
  readonly versions: number
  readonly blobs: number
  /** What is wrong, in words; empty when all is well. */
  readonly problems: readonly string[]
}

/** Of a storage that has lost a disk everything may be wrong: the first hundred tell enough. */
const problemsMax = 100

/** Reads everything that a registry has and compares it with what it must be: log, versions, modules, stages, audit trail. */
export async function checkRegistry(storage: StorageOptions): Promise<CheckFigures> {
  const { meta, blobs, close } = await openStorage(storage)
  const problems: string[] = []
  const report = (problem: string): void => void (problems.length < problemsMax && problems.push(problem))
  try {
    const named = new NamedBlobs()
    const { leaves, versions, erasing } = await meta.database.snapshot(async (reader) => {
      await checkAudit(reader, report)
      for await (const page of tableRows(reader, 'stages')) for (const row of page) named.note('stages', row)
      return {
        leaves: await checkLog(reader, report),
        versions: await checkVersions(reader, named, report),
        erasing: await hasErasures(reader),
      }
    })
    for (const sha512 of named.needed) await checkBlob(blobs, sha512, report)
    // The next server that runs does what is still to be erased.
    if (!erasing) for (const sha512 of named.gone) await checkGone(blobs, sha512, report)
    return { leaves, versions, blobs: named.needed.size, problems }
  } finally {
    await close()
  }
}

interface StoredBundle {
  readonly statement: { readonly payload: string }
  readonly inclusion: { readonly salt?: string }
}

type Report = (problem: string) => void

/** Hashes every leaf and every pair of nodes anew. */
async function checkLog(reader: Transaction<Schema>, report: Report): Promise<number> {
  let size = 0
  /** Subtrees that are complete so far, the largest first. */
  const peaks: { level: number; hash: Uint8Array }[] = []
  for await (const page of tableRows(reader, 'log_leaves')) {
    for (const { idx, leaf, salt } of page as unknown as Schema['log_leaves'][]) {
      if (idx !== size) return (report(`the log has no leaf ${size}`), size)
      peaks.push({ level: 0, hash: hashLeaf(publicLeaf({ leaf, salt })) })
      const nodes = [{ ...peaks.at(-1)!, idx: size }]
      while (peaks.length > 1 && peaks.at(-2)!.level === peaks.at(-1)!.level) {
        const [right, left] = [peaks.pop()!, peaks.pop()!]
        peaks.push({ level: left.level + 1, hash: hashNodes(left.hash, right.hash) })
        nodes.push({ ...peaks.at(-1)!, idx: Math.floor(size / 2 ** (left.level + 1)) })
      }
      await checkNodes(reader, nodes, report)
      size++
    }
  }
  return size
}

async function checkNodes(
  reader: Transaction<Schema>,
  nodes: readonly { readonly level: number; readonly idx: number; readonly hash: Uint8Array }[],
  report: Report,
): Promise<void> {
  const found = await reader
    .selectFrom('log_nodes')
    .selectAll()
    .where((where) => where.or(nodes.map(({ level, idx }) => where.and({ level, idx }))))
    .execute()
  for (const { level, idx, hash } of nodes) {
    const stored = found.find((node) => node.level === level && node.idx === idx)
    if (stored?.hash !== Buffer.from(hash).toString('base64'))
      report(`node ${idx} of level ${level} of the log is not the hash of what is below it`)
  }
}

async function checkVersions(reader: Transaction<Schema>, named: NamedBlobs, report: Report): Promise<number> {
  let count = 0
  for await (const page of tableRows(reader, 'versions')) {
    for (const row of page) {
      const { log_index: index, version, sha512, bundle } = row as unknown as Schema['versions']
      const event = await reader
        .selectFrom('log_leaves')
        .select(['leaf', 'salt'])
        .where('idx', '=', index)
        .executeTakeFirst()
      const logged = event && readPublishLeaf(event.leaf)
      if (logged?.version !== version || logged.sha512 !== sha512) {
        report(`version ${version} of log index ${index} is not the one that the log tells of`)
      }
      const { statement, inclusion } = JSON.parse(bundle) as StoredBundle
      if (Buffer.from(statement.payload, 'base64').toString() !== event?.leaf) {
        report(`the bundle of log index ${index} has another statement than the log`)
      }
      if ((inclusion.salt ?? null) !== (event?.salt ?? null)) {
        report(`the bundle of log index ${index} has another salt than the log`)
      }
      named.note('versions', row)
      count++
    }
  }
  return count
}

async function checkAudit(reader: Transaction<Schema>, report: Report): Promise<void> {
  let previous = { seq: -1, hash: '' }
  for await (const page of tableRows(reader, 'audit')) {
    for (const row of page as unknown as Schema['audit'][]) {
      const follows = row.seq === previous.seq + 1 && row.prev_hash === previous.hash
      if (!follows || row.hash !== auditHash(previous.hash, row))
        report(`entry ${row.seq} of the audit trail was changed`)
      previous = row
    }
  }
}

async function checkBlob(blobs: BlobStore, sha512: string, report: Report): Promise<void> {
  const found = await blobs.read(sha512)
  if (!found) return report(`the blob ${sha512} is missing`)
  const hash = createHash('sha512')
  for await (const chunk of found.content) hash.update(chunk)
  const digest = hash.digest('hex')
  if (digest !== sha512) report(`the blob ${sha512} has bytes of sha512 ${digest}`)
}

async function checkGone(blobs: BlobStore, sha512: string, report: Report): Promise<void> {
  if ((await blobs.size(sha512)) !== undefined) report(`the blob ${sha512} of a tombstoned version is still there`)
}

async function hasErasures(reader: Transaction<Schema>): Promise<boolean> {
  const waiting = await reader.selectFrom('outbox').select('log_index').where('topic', '=', 'erase').executeTakeFirst()
  return waiting !== undefined
}
