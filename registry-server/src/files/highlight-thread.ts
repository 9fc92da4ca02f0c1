/** Colours source code, in a thread of its own: what strangers wrote may take a highlighter longer than a server has. */
import { parentPort } from 'node:worker_threads'
import hljs from 'highlight.js/lib/core'
import javascript from 'highlight.js/lib/languages/javascript'
import json from 'highlight.js/lib/languages/json'
import markdown from 'highlight.js/lib/languages/markdown'
import protobuf from 'highlight.js/lib/languages/protobuf'
import typescript from 'highlight.js/lib/languages/typescript'
import yaml from 'highlight.js/lib/languages/yaml'
import { alloyLanguage } from './alloy-language.ts'

const languages = { javascript, json, markdown, protobuf, typescript, yaml, alloy: alloyLanguage }
for (const [name, language] of Object.entries(languages)) hljs.registerLanguage(name, language)

parentPort!.on('message', ({ id, text, language }: { id: number; text: string; language: string }) => {
  parentPort!.postMessage({ id, markup: hljs.highlight(text, { language, ignoreIllegals: true }).value })
})
