import { sql, type RawBuilder, type Transaction } from 'kysely'
import type { Database } from '../storage/database/database.ts'
import type { Schema } from '../storage/database/schema.ts'
import { searchWords } from './search-words.ts'

type Dialect = Database['dialect']

/** Where a word was found: the fields of a module, the one that says most first. */
export const searchFields = ['name', 'keywords', 'description', 'readme'] as const
export type SearchField = (typeof searchFields)[number]

export type ModuleTexts = Readonly<Record<SearchField, string>>

/** Different words of one README that are indexed; further ones are not found. */
const readmeWordsMax = 5_000
/** Modules that one word may find in one field: an answer has room for no more. */
const findsMax = 1_000_000

/** What the database knows: which modules have, in which field, a word that begins with the one asked for. */
export interface WordFinds {
  /** Its place among the words asked for. */
  readonly word: number
  readonly field: SearchField
  /** Ids of modules. */
  readonly modules: readonly number[]
}

/** Replaces what is known of a module's words, or forgets them. */
export async function indexWords(
  dialect: Dialect,
  transaction: Transaction<Schema>,
  module: number,
  texts: ModuleTexts | undefined,
): Promise<void> {
  for (const statement of statements(dialect, module, texts)) await statement.execute(transaction)
}

function statements(dialect: Dialect, module: number, texts: ModuleTexts | undefined): RawBuilder<unknown>[] {
  const id = dialect === 'sqlite' ? sql.ref('rowid') : sql.ref('module_id')
  const forget = [
    sql`DELETE FROM search_words WHERE ${id} = ${module}`,
    sql`DELETE FROM search_readmes WHERE ${id} = ${module}`,
  ]
  if (!texts) return forget
  const words = (field: SearchField): string[] => [...new Set(searchWords(texts[field]))]
  const readme = words('readme').slice(0, readmeWordsMax)
  if (dialect === 'sqlite') {
    const columns = (['name', 'keywords', 'description'] as const).map((field) => words(field).join(' '))
    return [
      ...forget,
      sql`INSERT INTO search_words (rowid, name, keywords, description) VALUES (${module}, ${sql.join(columns)})`,
      sql`INSERT INTO search_readmes (rowid, readme) VALUES (${module}, ${readme.join(' ')})`,
    ]
  }
  // PostgreSQL's own parser would see numbers, hosts and paths in words: it is handed lexemes.
  const marked = (['name', 'keywords', 'description'] as const).flatMap((field) =>
    words(field).map((word) => `${field[0]}:${word}`),
  )
  return [
    ...forget,
    sql`INSERT INTO search_words (module_id, words) VALUES (${module}, array_to_tsvector(${marked}::text[]))`,
    sql`INSERT INTO search_readmes (module_id, words) VALUES (${module}, array_to_tsvector(${readme}::text[]))`,
  ]
}

/** Finds every word in every field, in one statement. Nothing is ranked here: that is the same for both databases. */
export async function findWords({ dialect, read }: Database, words: readonly string[]): Promise<WordFinds[]> {
  if (words.length === 0) return []
  const queries = words.flatMap((text, word) =>
    searchFields.map((field) => {
      const ids = dialect === 'sqlite' ? sqliteFinds(text, field) : postgresFinds(text, field)
      return sql`SELECT ${sql.lit(word)} AS word, ${sql.lit(field)} AS field, (${ids}) AS modules`
    }),
  )
  const { rows } = await sql<{
    word: number
    field: SearchField
    modules: string | null
  }>`${sql.join(queries, sql` UNION ALL `)}`.execute(read)
  return rows.map(({ word, field, modules }) => ({
    word,
    field,
    modules: parseIds(modules ?? ''),
  }))
}

/** `1,20,3`: there are tens of thousands of them, many times a second. */
function parseIds(text: string): number[] {
  const ids: number[] = []
  let id = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === comma) {
      ids.push(id)
      id = 0
    } else id = id * 10 + code - zero
  }
  if (text !== '') ids.push(id)
  return ids
}

const [comma, zero] = [44, 48]

/** Words hold letters and digits only: nothing in them is an operator of a search language. The star makes one a prefix. */
function sqliteFinds(word: string, field: SearchField): RawBuilder<unknown> {
  if (field === 'readme') {
    return sql`SELECT group_concat(rowid) FROM (SELECT rowid FROM search_readmes WHERE search_readmes MATCH ${`"${word}"*`} LIMIT ${sql.lit(findsMax)})`
  }
  return sql`SELECT group_concat(rowid) FROM (SELECT rowid FROM search_words WHERE search_words MATCH ${`${field} : "${word}"*`} LIMIT ${sql.lit(findsMax)})`
}

function postgresFinds(word: string, field: SearchField): RawBuilder<unknown> {
  const [table, query] =
    field === 'readme' ? ['search_readmes', `'${word}':*`] : ['search_words', `'${field[0]}:${word}':*`]
  return sql`SELECT string_agg(module_id::text, ',') FROM (SELECT module_id FROM ${sql.table(table)} WHERE words @@ ${query}::tsquery LIMIT ${sql.lit(findsMax)}) AS found`
}
