import { Option } from 'commander'

/** `--module <folder>`, any number of times. */
export function moduleOption(): Option {
  return new Option('--module <folder>', 'takes the module in a folder instead of what ingot.lock pins; repeatable')
    .argParser((folder, before: readonly string[]) => [...before, folder])
    .default([], 'none')
}
