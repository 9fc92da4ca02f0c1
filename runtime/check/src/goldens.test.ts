import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { maskImport } from '../testdata/functions.ts'
import { checkText } from './testing/check-text.ts'

const testdata = join(import.meta.dirname, '../testdata')
const cases = readdirSync(testdata)
  .filter((name) => name.endsWith('.alloy'))
  .map((name) => name.replace('.alloy', ''))

describe('validate() reports every mistake of', () => {
  test.each(cases)('%s.alloy', async (name) => {
    const text = readFileSync(join(testdata, `${name}.alloy`), 'utf8')
    const imports = name.startsWith('functions') ? new Map([['import.module.mask', maskImport()]]) : undefined
    const options = {
      planned: name.startsWith('planned'),
      advice: name.includes('advice'),
      ...(imports && { imports }),
    }
    const { printed } = checkText(`${name}.alloy`, text, options)
    await expect(printed).toMatchFileSnapshot(join(testdata, `${name}.diag.txt`))
  })
})
