import { sql, type RawBuilder } from 'kysely'
import type { Sight } from '../../access/sight.ts'

/** Of a query that has `modules`: whether a row is public, or one of the private ones that are seen. */
export function inSight({ scopes, module }: Sight): RawBuilder<unknown> {
  if (scopes === 'all') return sql`1 = 1`
  const isPublic = sql`modules.scope NOT IN (SELECT name FROM scopes WHERE visibility = 'private')`
  if (scopes.length === 0) return isPublic
  const seen = sql`modules.scope IN (${sql.join([...scopes])})`
  return module === undefined
    ? sql`(${isPublic} OR ${seen})`
    : sql`(${isPublic} OR (${seen} AND modules.name = ${module}))`
}
