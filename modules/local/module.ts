export default {
  name: '@ingot/local',
  version: '0.1.0',
  description: 'Files of the host as values: their content, and the paths that match a pattern.',
  license: 'Apache-2.0',
  keywords: ['files', 'glob', 'configuration', 'secrets'],
  components: ['file', 'file_match'],
}
