import { sql, type RawBuilder } from 'kysely'
import type { Database } from '../database/database.ts'

type Dialect = Database['dialect']

/** The words of a text, as both databases shall see them. */
export function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}]+/gu) ?? []
}

export interface ModuleText {
  readonly name: string
  readonly description: string
  readonly components: string
  readonly readme: string
}

/** Statements that replace what is known of a module's text. */
export function indexedText(dialect: Dialect, id: number, text: ModuleText): RawBuilder<unknown>[] {
  const { name, description, components, readme } = text
  if (dialect === 'sqlite') {
    return [
      sql`DELETE FROM module_search WHERE rowid = ${id}`,
      sql`INSERT INTO module_search (rowid, name, description, components, readme)
        VALUES (${id}, ${name}, ${description}, ${components}, ${readme})`,
    ]
  }
  const document = sql`${weighted(name, 'A')} || ${weighted(description, 'B')} || ${weighted(components, 'B')} || ${weighted(readme, 'D')}`
  return [
    sql`INSERT INTO module_search (module_id, document) VALUES (${id}, ${document})
      ON CONFLICT (module_id) DO UPDATE SET document = excluded.document`,
  ]
}

/** PostgreSQL's own parser would see paths and hosts in names: it is handed words. */
function weighted(text: string, weight: string): RawBuilder<unknown> {
  return sql`setweight(to_tsvector('simple', ${folded(wordsOf(text).join(' '))}), ${sql.lit(weight)})`
}

/** SQLite's index leaves marks out (`é` is `e`); so does this. */
function folded(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()
}

/** Modules of which some word begins with each of `words`, and the order in which they fit. */
export function matching(
  dialect: Dialect,
  words: readonly string[],
): { readonly from: RawBuilder<unknown>; readonly order: RawBuilder<unknown> } {
  if (dialect === 'sqlite') {
    // Each word is quoted, so that nothing in it is an operator of the search language; the star makes it a prefix.
    const match = words.map((word) => `"${word.replaceAll('"', '""')}"*`).join(' ')
    return {
      from: sql`module_search JOIN modules ON modules.id = module_search.rowid WHERE module_search MATCH ${match}`,
      order: sql`bm25(module_search, 10, 4, 4, 1)`,
    }
  }
  const query = words.map((word) => `'${folded(word).replaceAll("'", "''").replaceAll('\\', '\\\\')}':*`).join(' & ')
  return {
    from: sql`module_search JOIN modules ON modules.id = module_id WHERE document @@ to_tsquery('simple', ${query})`,
    order: sql`ts_rank('{0.1, 0.1, 0.4, 1}', document, to_tsquery('simple', ${query})) DESC, ${orderBytewise(dialect)}`,
  }
}

/** By name, byte for byte: PostgreSQL would ask the collation of its database. */
export function orderBytewise(dialect: Dialect): RawBuilder<unknown> {
  return dialect === 'sqlite' ? sql`modules.name` : sql`modules.name COLLATE "C"`
}
