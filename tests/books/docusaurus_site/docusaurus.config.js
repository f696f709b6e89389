// @ts-check
const {themes} = require('prism-react-renderer');
const VERSION = '1.0'; // "computed", as people do

/** @type {import('@docusaurus/types').Config} */
const config = {
  title: 'Tricky book', // a comment with { braces
  url: 'https://tricky.example',
  baseUrl: '/',
  onBrokenLinks: 'ignore',
  onBrokenAnchors: 'ignore',
  i18n: {
    defaultLocale: 'en',
    locales: ['en', 'ur'],
  },
  plugins: [
    [
      '@docusaurus/plugin-content-docs',
      {
        id: 'community',
        path: 'community',
        routeBasePath: 'club',
        sidebarPath: false,
      },
    ],
  ],
  presets: [
    [
      'classic',
      /** @type {import('@docusaurus/preset-classic').Options} */
      ({
        docs: {
          sidebarPath: require.resolve('./sidebars.js'),
          versions: {
            current: {label: 'Canary 🚧', path: 'canary'},
          },
        },
        blog: false,
        theme: {},
      }),
    ],
  ],
  themeConfig: {prism: {theme: themes.github}, navbar: {title: '// not a comment'}},
};

module.exports = config;
