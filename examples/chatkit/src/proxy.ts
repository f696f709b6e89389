// How this site speaks to its proxy: as the reader, from the page that is open.

import type {ChatKitOptions, ModelOption, StartScreenPrompt, ToolOption} from '@openai/chatkit-react';

export const PROXY: string = import.meta.env.VITE_PROXY_URL ?? 'http://127.0.0.1:8000';

/** What `GET /chatkit/config` says. */
export type ServerConfig = {
  domainKey: string;
  greeting: string;
  prompts: StartScreenPrompt[];
  models: ModelOption[];
  tools: ToolOption[];
};

/** A site with readers of its own gives their token here. */
async function readersToken(): Promise<string | null> {
  return sessionStorage.getItem('token');
}

/** What ChatKit calls instead of `fetch`: it runs in this page, so nothing of it passes OpenAI. */
export const fetchAsReader: typeof fetch = async (input, init) => {
  const headers = new Headers(init?.headers);
  const token = await readersToken();
  if (token) headers.set('authorization', `Bearer ${token}`);
  headers.set('x-rag-page-url', window.location.pathname);
  return fetch(input, {...init, headers});
};

export async function serverConfig(): Promise<ServerConfig> {
  const reply = await fetchAsReader(`${PROXY}/chatkit/config`);
  if (!reply.ok) throw new Error(`${PROXY}/chatkit/config: ${reply.status}`);
  return reply.json();
}

/** The panel's options: everything that the server knows best is the server's. */
export const optionsOf = (config: ServerConfig): ChatKitOptions => ({
  api: {url: `${PROXY}/chatkit`, domainKey: config.domainKey, fetch: fetchAsReader},
  startScreen: {greeting: config.greeting, prompts: config.prompts},
  composer: {models: config.models, tools: config.tools},
  threadItemActions: {feedback: true, retry: true},
  history: {enabled: true, showDelete: true, showRename: true},
});
