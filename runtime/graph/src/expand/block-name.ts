import type { BlockStatement } from '@ingot/syntax'

export function blockName({ name }: BlockStatement): string {
  return name.length === 1 ? name[0]!.text : name.map((part) => part.text).join('.')
}

/** For messages: `prometheus.scrape "api"`. */
export function blockTitle(block: BlockStatement): string {
  return block.label ? `${blockName(block)} "${block.label.text}"` : blockName(block)
}

/** Name and label: what a block is referred to by in its module. */
export function blockID(block: BlockStatement): string {
  return block.label ? `${blockName(block)}.${block.label.text}` : blockName(block)
}

/** A block and the file that it is from. */
export interface PlacedBlock {
  readonly block: BlockStatement
  readonly file: string
}
