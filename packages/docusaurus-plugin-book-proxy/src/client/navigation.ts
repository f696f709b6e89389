// Has citations go where they lead as the site's own links do: without loading the page anew.

import siteConfig from '@generated/docusaurus.config';
import i18n from '@generated/i18n';

if (typeof window !== 'undefined') {
  window.addEventListener('book-navigate', (event) => {
    const {url} = (event as CustomEvent<{url: URL}>).detail;
    if (!isOfThisBuild(url)) return;
    event.preventDefault();
    go(url);
  });
}

/** Whether the router knows the page: each locale is built for itself. */
function isOfThisBuild({origin, pathname}: URL): boolean {
  const {baseUrl} = siteConfig;
  if (origin !== window.location.origin || !pathname.startsWith(baseUrl)) return false;
  const others = i18n.locales.filter((locale) => locale !== i18n.currentLocale);
  const [first] = pathname.slice(baseUrl.length).split('/');
  return !others.some((locale) => first === (i18n.localeConfigs[locale]?.path ?? locale));
}

/**
 * Goes there. The router is given to components only, and the one around them all (`Root`) is the
 * site owner's to replace; but it follows the browser's history, whoever writes that.
 */
function go(url: URL): void {
  const [hash = ''] = url.hash.split(':~:'); // a text to mark is for pages that are loaded
  const state = {key: Math.random().toString(36).slice(2, 8)};
  window.history.pushState(state, '', url.pathname + url.search + hash);
  window.dispatchEvent(new PopStateEvent('popstate', {state}));
}

export {};
