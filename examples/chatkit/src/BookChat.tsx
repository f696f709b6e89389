// ChatKit's panel with the book behind it, and a paragraph that can be asked about.

import {ChatKit, useChatKit} from '@openai/chatkit-react';

import {optionsOf, type ServerConfig} from './proxy';

export function BookChat({config}: {config: ServerConfig}) {
  const {control, setComposerValue, focusComposer} = useChatKit(optionsOf(config));

  async function askAboutSelection() {
    const reply = window.getSelection()?.toString().trim();
    if (!reply) return;
    await setComposerValue({reply, text: ''});
    await focusComposer();
  }

  return (
    <aside style={{position: 'fixed', insetBlock: 16, insetInlineEnd: 16, inlineSize: 380}}>
      <button type="button" onMouseDown={(event) => event.preventDefault()} onClick={askAboutSelection}>
        Ask about what is selected
      </button>
      <ChatKit control={control} style={{blockSize: '90vh', inlineSize: '100%'}} />
    </aside>
  );
}
