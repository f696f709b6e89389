"""Paragraphs of our own in many scripts, and text that is no prose, for whatever counts or cuts."""
# ruff: noqa: E501, RUF001 - the letters of many scripts are what this file is about

from typing import Final

PARAGRAPHS: Final = {
    "english": "The reservoir has to be drained before the first frost, because water that freezes"
    " in the housing breaks the seal. Open the lower valve, wait until nothing more comes out, and"
    " leave it open until spring. A pump that was not drained is not covered by the guarantee.",
    "german": "Vor dem ersten Frost muss der Behälter entleert werden, denn gefrierendes Wasser"
    " zerstört die Gleitringdichtung. Öffnen Sie das untere Absperrventil, warten Sie, bis nichts"
    " mehr ausläuft, und lassen Sie es bis zum Frühjahr geöffnet.",
    "russian": "Перед первыми заморозками резервуар необходимо опорожнить, потому что замерзающая"
    " вода разрушает уплотнение. Откройте нижний клапан, дождитесь, пока вода перестанет вытекать,"
    " и оставьте его открытым до весны.",
    "greek": "Πριν από τον πρώτο παγετό πρέπει να αδειάσετε τη δεξαμενή, γιατί το νερό που παγώνει"
    " καταστρέφει τη φλάντζα. Ανοίξτε την κάτω βαλβίδα και αφήστε την ανοιχτή μέχρι την άνοιξη.",
    "arabic": "يجب تفريغ الخزان قبل أول صقيع، لأن الماء الذي يتجمد داخل الهيكل يكسر مانع التسرب."
    " افتح الصمام السفلي وانتظر حتى يتوقف خروج الماء، ثم اتركه مفتوحا حتى الربيع. لا يشمل الضمان"
    " المضخة التي لم تفرغ.",
    "arabic with vowels": "يَجِبُ تَفْرِيغُ الخَزَّانِ قَبْلَ أَوَّلِ صَقِيعٍ، لِأَنَّ المَاءَ الَّذِي يَتَجَمَّدُ دَاخِلَ الهَيْكَلِ يَكْسِرُ مَانِعَ"
    " التَّسَرُّبِ. اِفْتَحِ الصِّمَامَ السُّفْلِيَّ وَانْتَظِرْ.",
    "urdu": "پہلی پالا پڑنے سے پہلے ٹینک کو خالی کرنا ضروری ہے، کیونکہ جمنے والا پانی سیل کو توڑ"
    " دیتا ہے۔ نچلا والو کھولیں، انتظار کریں یہاں تک کہ پانی نکلنا بند ہو جائے، اور اسے بہار تک کھلا"
    " چھوڑ دیں۔",
    "hebrew": "יש לרוקן את המיכל לפני הכפור הראשון, כי מים שקופאים בתוך הבית שוברים את האטם. פתחו"
    " את השסתום התחתון, המתינו עד שלא יוצא עוד מים, והשאירו אותו פתוח עד האביב.",
    "hindi": "पहली ठंड से पहले टंकी को खाली करना ज़रूरी है, क्योंकि जमने वाला पानी सील को तोड़ देता"
    " है। निचला वाल्व खोलें, तब तक प्रतीक्षा करें जब तक पानी निकलना बंद न हो जाए, और उसे वसंत तक खुला"
    " छोड़ दें।",
    "bengali": "প্রথম তুষারপাতের আগে ট্যাঙ্কটি খালি করতে হবে, কারণ জমে যাওয়া জল সিলটি ভেঙে ফেলে।"
    " নিচের ভালভটি খুলুন এবং বসন্ত পর্যন্ত খোলা রাখুন।",
    "tamil": "முதல் உறைபனிக்கு முன் தொட்டியை காலி செய்ய வேண்டும், ஏனெனில் உறையும் நீர் முத்திரையை உடைக்கிறது."
    " கீழ் வால்வைத் திறந்து வசந்த காலம் வரை திறந்தே வைக்கவும்.",
    "thai": "ต้องระบายน้ำออกจากถังก่อนน้ำค้างแข็งครั้งแรก เพราะน้ำที่แข็งตัวในตัวเรือนจะทำให้ซีลแตก"
    " เปิดวาล์วด้านล่าง รอจนน้ำหยุดไหล แล้วเปิดทิ้งไว้จนถึงฤดูใบไม้ผลิ",
    "georgian": "პირველ ყინვამდე ავზი უნდა დაიცალოს, რადგან გაყინული წყალი ამტვრევს საფენს. გახსენით"
    " ქვედა სარქველი და დატოვეთ ღია გაზაფხულამდე.",
    "amharic": "ከመጀመሪያው ውርጭ በፊት ታንኩ ባዶ መሆን አለበት፤ ምክንያቱም የሚቀዘቅዝ ውሃ ማኅተሙን ይሰብራል። የታችኛውን ቫልቭ ይክፈቱ።",
    "chinese": "第一次霜冻之前必须排空水箱，因为在壳体内结冰的水会损坏密封件。打开下部阀门，等到不再有水流出，"
    "并让它一直开着直到春天。未排空的水泵不在保修范围之内。",
    "traditional chinese": "第一次霜凍之前必須排空水箱，因為在殼體內結冰的水會損壞密封件。打開下部閥門，"
    "等到不再有水流出，並讓它一直開著直到春天。",
    "japanese": "最初の霜が降りる前にタンクの水を抜かなければなりません。ハウジングの中で凍った水がシールを壊す"
    "からです。下のバルブを開き、水が出なくなるまで待ち、春まで開けたままにしてください。",
    "korean": "첫 서리가 내리기 전에 탱크의 물을 빼야 합니다. 하우징 안에서 언 물이 씰을 망가뜨리기 때문입니다."
    " 아래쪽 밸브를 열고 물이 더 나오지 않을 때까지 기다린 다음 봄까지 열어 두십시오.",
    "vietnamese": "Phải xả hết nước trong bình trước đợt sương giá đầu tiên, vì nước đóng băng trong vỏ"
    " sẽ làm vỡ phớt. Mở van dưới, chờ đến khi nước ngừng chảy và để mở cho đến mùa xuân.",
}
"""By language: each says the same of a pump."""

NO_PROSE: Final = {
    "emoji": "🚰❄️🔧 👩‍🔧👨🏽‍🏭 ✅🙂🎉🇵🇰🇯🇵 1️⃣ 2️⃣ 🤷🏻‍♀️",
    "python": "def drained(tank: Tank, *, at_s: float = 0.0) -> bool:\n    return not tank.level"
    " and all(v.is_open for v in tank.valves[1:]) or tank.drained_at_s <= at_s\n",
    "typescript": "export const useTank = <T extends Tank>(id: string): T | undefined =>\n"
    "  useMemo(() => tanks.find(t => t.id === id && !t.isEmpty) as T, [id]);\n",
    "json": '{"id":"0b1f","valves":[{"n":7,"open":true,"bar":2.5},{"n":8,"open":false}],"ok":null}',
    "shell": 'for f in /etc/pump.d/*.conf; do grep -qE "^valve=[0-9]+$" "$f" || exit 1; done',
    "table": "| valve | bar | °C |\n| ---: | :---: | --- |\n| 7 | 2.5 | −12 |\n| 8 | 11.25 | 104 |\n",
    "figures": "3.14159265358979 2.71828182845905 6.02214076e23 192.168.0.1 2026-11-20T13:45:00",
    "hexadecimal": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "base64": "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA9jHk2Zx7bT1u4c0QyVw8fLmNpRsEo==",
    "capitals": "PUMP-7X/QZK-0049-RTV JXWQ KLMN DO NOT OPEN THE VALVE",
    "formula": "∮ E·da = Q/ε₀, ∇×B − (1/c²)∂E/∂t = μ₀J, ∀ε>0 ∃δ>0: |x−a|<δ ⇒ |f(x)−L|<ε",
    "signs": "!@#$%^&*()_+-=[]{};':\",./<>?~`|\\ ==> <!-- --> /* */ ##%%&&",
}
"""What is not written in sentences."""
