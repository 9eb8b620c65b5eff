/** A short list of emoji that everybody's font has, with the words that find them in English and French. Loaded when a picker opens. */
import type { EmojiGroup } from "../labels/chat.js";

export interface Emoji {
  readonly char: string;
  readonly en: string;
  readonly fr: string;
}

const LISTS: Record<EmojiGroup, string> = {
  faces: `😀 grin|sourire
😄 smile|grand sourire
😁 beam|sourire ravi
😂 tears of joy|rire aux larmes
🙂 slight smile|léger sourire
😉 wink|clin d’œil
😊 blush|sourire timide
😍 heart eyes|yeux en cœur
😘 kiss|bisou
😋 yum|miam
😎 cool|lunettes de soleil
🤓 nerd|studieux
🤔 thinking|je réfléchis
🤨 raised eyebrow|perplexe
😐 neutral|neutre
😏 smirk|sourire en coin
🙄 rolling eyes|yeux au ciel
😬 grimace|grimace
😌 relieved|apaisé
😴 asleep|je dors
😅 sweat smile|ouf
😇 angel|ange
🥳 party face|fête
🤩 star eyes|étoiles dans les yeux
🥺 pleading|suppliant
😢 tear|larme
😭 crying|je pleure
😤 huff|agacé
😡 angry|en colère
🤯 mind blown|cerveau en ébullition
😱 scream|effroi
😳 flushed|gêné
😕 confused|confus
😮 wow|surprise
🤗 hug|câlin
🤫 hush|chut
🤐 zipped|bouche cousue
🤒 ill|malade
🙃 upside down|à l’envers
🫠 melting|je fonds`,
  people: `👍 thumbs up, yes, agree|pouce levé, oui, d’accord
👎 thumbs down, no|pouce baissé, non
👌 ok, perfect|parfait
✌️ victory|victoire
🤞 fingers crossed|doigts croisés
🤝 handshake, deal|poignée de main, marché conclu
👏 applause, bravo|bravo, applaudir
🙌 hooray|hourra
🙏 thanks, please|merci, s’il vous plaît
💪 strong|courage, force
👋 hello, wave|bonjour, coucou
✋ hand, stop|main, stop
👉 this, right|à droite, ceci
👇 below|en bas
👀 eyes, looking|je regarde, vu
🧠 brain|cerveau
🤷 shrug|je ne sais pas
🙋 me, raised hand|moi, main levée
🤦 facepalm|consternation
🫡 salute|à vos ordres
🏃 running, on my way|j’arrive, course
👥 team|équipe`,
  nature: `☀️ sun|soleil
🌤️ fair|éclaircies
☁️ cloud|nuage
🌧️ rain|pluie
⛈️ storm|orage
❄️ snow|neige
🌈 rainbow|arc-en-ciel
🔥 fire|feu
💧 drop|goutte
🌊 wave|vague
🌱 sprout|pousse
🌳 tree|arbre
🌸 blossom|fleur
🌻 sunflower|tournesol
🍀 luck|chance, trèfle
🐶 dog|chien
🐱 cat|chat
🐝 bee|abeille
🦋 butterfly|papillon
🐢 turtle, slow|tortue
🌍 earth|terre, monde
🌙 moon, night|lune, nuit`,
  food: `☕ coffee|café
🍵 tea|thé
🥐 croissant|croissant
🥖 baguette, bread|baguette, pain
🧀 cheese|fromage
🍎 apple|pomme
🍓 strawberry|fraise
🍋 lemon|citron
🥗 salad|salade
🍕 pizza|pizza
🍝 pasta|pâtes
🍣 sushi|sushi
🍰 cake|gâteau
🎂 birthday cake|gâteau d’anniversaire
🍫 chocolate|chocolat
🍷 wine|vin
🍺 beer|bière
🥂 cheers|santé, trinquer`,
  doing: `🎉 party, congratulations|fête, félicitations
🎈 balloon|ballon
🎁 gift|cadeau
🏆 trophy|trophée
⚽ football|football
🏀 basketball|basket
🎾 tennis|tennis
🚴 cycling|vélo
🏊 swimming|natation
🎵 music|musique
🎸 guitar|guitare
🎬 film|cinéma
🎨 art|art, peinture
🎯 target|cible, objectif
🚗 car|voiture
🚆 train|train
✈️ plane|avion
🚀 rocket, launch|fusée, lancement
🏠 home|maison
🏖️ beach|plage
🏔️ mountain|montagne
🗼 tower|tour`,
  things: `💡 idea|idée
📌 pin|épingle
📎 clip|trombone
📅 calendar|agenda, date
⏰ alarm, time|réveil, heure
⌛ waiting|patience, attente
📝 note|note
📄 document|document
📊 chart|graphique
📈 growth|hausse
📉 decline|baisse
📁 folder|dossier
📷 camera|photo
📞 telephone|téléphone
💻 computer|ordinateur
🔋 battery|batterie
🔧 tool|outil, réglage
🔨 hammer|marteau
🔑 key|clé
🔒 lock|cadenas
🔔 bell|cloche
💬 message|message
📣 announcement|annonce
🧪 test|essai, test
🐛 bug|bogue
💰 money|argent`,
  signs: `❤️ heart, love|cœur, j’adore
🧡 orange heart|cœur orange
💛 yellow heart|cœur jaune
💚 green heart|cœur vert
💙 blue heart|cœur bleu
💜 purple heart|cœur violet
🖤 black heart|cœur noir
💔 broken heart|cœur brisé
✅ done, yes|fait, oui
☑️ checked|coché
❌ no, wrong|non, faux
⚠️ warning|attention
❓ question|question
❗ important|important
💯 hundred, exactly|cent, exactement
⭐ star|étoile
✨ sparkles, new|nouveau, étincelles
💥 boom|boum
💤 asleep|sommeil
➕ plus|plus
➖ minus|moins
🔴 red|rouge
🟠 orange|orange
🟢 green|vert
🔵 blue|bleu
⬆️ up|haut
⬇️ down|bas
🏁 finish|arrivée, fin`,
};

/** The groups in the order of the picker. */
export const EMOJI_GROUPS: readonly (readonly [EmojiGroup, readonly Emoji[]])[] = Object.entries(LISTS).map(
  ([group, text]) => [
    group as EmojiGroup,
    text.split("\n").map((line) => {
      const [char = "", words = ""] = line.split(/ (.*)/);
      const [en = "", fr = ""] = words.split("|");
      return { char, en, fr };
    }),
  ],
);

const fold = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("œ", "oe");

/** The emoji that `words` find, in either language and without regard for accents. */
export function findEmoji(words: string): Emoji[] {
  const wanted = fold(words.trim());
  return EMOJI_GROUPS.flatMap(([, all]) => all).filter(
    ({ char, en, fr }) => char === words.trim() || fold(`${en} ${fr}`).includes(wanted),
  );
}
