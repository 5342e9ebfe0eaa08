/**
 * Emoji by their Slack names: the common ones, and all that a deployment bot is likely to use.
 *
 * Slack's full list has thousands; a name that is not here stays as it was typed, which is also what Slack shows for a
 * name that a workspace does not have.
 */

const TABLE = `
grinning 😀, smiley 😃, smile 😄, grin 😁, laughing 😆, satisfied 😆, sweat_smile 😅, joy 😂, rofl 🤣, wink 😉, blush 😊, innocent 😇,
slightly_smiling_face 🙂, upside_down_face 🙃, heart_eyes 😍, star-struck 🤩, kissing_heart 😘, yum 😋, stuck_out_tongue 😛,
sunglasses 😎, nerd_face 🤓, thinking_face 🤔, face_with_raised_eyebrow 🤨, neutral_face 😐, expressionless 😑, no_mouth 😶, smirk 😏,
unamused 😒, face_with_rolling_eyes 🙄, grimacing 😬, relieved 😌, pensive 😔, sleeping 😴, mask 😷, exploding_head 🤯, partying_face 🥳,
confused 😕, worried 😟, slightly_frowning_face 🙁, open_mouth 😮, astonished 😲, flushed 😳, fearful 😨, cold_sweat 😰, cry 😢, sob 😭,
scream 😱, sweat 😓, weary 😩, tired_face 😫, triumph 😤, rage 😡, angry 😠, skull 💀, ghost 👻, robot_face 🤖, see_no_evil 🙈,
facepalm 🤦, shrug 🤷, saluting_face 🫡, melting_face 🫠, zany_face 🤪, hugging_face 🤗,
+1 👍, thumbsup 👍, -1 👎, thumbsdown 👎, clap 👏, raised_hands 🙌, pray 🙏, muscle 💪, ok_hand 👌, wave 👋, raised_hand ✋, v ✌️, crossed_fingers 🤞,
point_up ☝️, point_right 👉, point_left 👈, point_down 👇, handshake 🤝, writing_hand ✍️, eyes 👀, brain 🧠, bust_in_silhouette 👤,
busts_in_silhouette 👥, technologist 🧑‍💻, female-technologist 👩‍💻, male-technologist 👨‍💻, firefighter 🧑‍🚒, detective 🕵️,
heart ❤️, orange_heart 🧡, yellow_heart 💛, green_heart 💚, blue_heart 💙, purple_heart 💜, black_heart 🖤, broken_heart 💔, sparkling_heart 💖, 100 💯,
boom 💥, collision 💥, zap ⚡, fire 🔥, sparkles ✨, star ⭐, star2 🌟, dizzy 💫, sunny ☀️, cloud ☁️, rainbow 🌈, snowflake ❄️, droplet 💧, ocean 🌊,
tada 🎉, confetti_ball 🎊, balloon 🎈, gift 🎁, trophy 🏆, first_place_medal 🥇, medal 🏅, dart 🎯, crown 👑, gem 💎,
rocket 🚀, ship 🚢, boat ⛵, sailboat ⛵, anchor ⚓, construction 🚧, truck 🚚, airplane ✈️, helicopter 🚁, ambulance 🚑, fire_engine 🚒,
police_car 🚓, rotating_light 🚨, traffic_light 🚥, vertical_traffic_light 🚦, octagonal_sign 🛑, checkered_flag 🏁, triangular_flag_on_post 🚩, flag-white 🏳️,
white_check_mark ✅, heavy_check_mark ✔️, ballot_box_with_check ☑️, x ❌, negative_squared_cross_mark ❎, no_entry ⛔, no_entry_sign 🚫,
warning ⚠️, exclamation ❗, heavy_exclamation_mark ❗, grey_exclamation ❕, question ❓, grey_question ❔, bangbang ‼️, interrobang ⁉️,
information_source ℹ️, sos 🆘, stop_sign 🛑, new 🆕, ok 🆗, up 🆙, cool 🆒, free 🆓,
red_circle 🔴, large_orange_circle 🟠, large_yellow_circle 🟡, large_green_circle 🟢, large_blue_circle 🔵, large_purple_circle 🟣, large_brown_circle 🟤,
white_circle ⚪, black_circle ⚫, large_red_square 🟥, large_orange_square 🟧, large_yellow_square 🟨, large_green_square 🟩, large_blue_square 🟦,
large_purple_square 🟪, white_large_square ⬜, black_large_square ⬛, small_red_triangle 🔺, small_red_triangle_down 🔻, small_blue_diamond 🔹,
small_orange_diamond 🔸, large_blue_diamond 🔷, large_orange_diamond 🔶,
arrow_up ⬆️, arrow_down ⬇️, arrow_left ⬅️, arrow_right ➡️, arrow_upper_right ↗️, arrow_lower_right ↘️, arrow_right_hook ↪️,
leftwards_arrow_with_hook ↩️, arrows_counterclockwise 🔄, arrows_clockwise 🔃, repeat 🔁, rewind ⏪, fast_forward ⏩, arrow_forward ▶️,
arrow_backward ◀️, black_right_pointing_double_triangle_with_vertical_bar ⏭️, double_vertical_bar ⏸️, black_square_for_stop ⏹️, heavy_plus_sign ➕,
heavy_minus_sign ➖, infinity ♾️, one 1️⃣, two 2️⃣, three 3️⃣, four 4️⃣, five 5️⃣, six 6️⃣, seven 7️⃣, eight 8️⃣, nine 9️⃣, zero 0️⃣, keycap_ten 🔟, hash #️⃣,
hourglass ⌛, hourglass_flowing_sand ⏳, stopwatch ⏱️, timer_clock ⏲️, alarm_clock ⏰, watch ⌚, clock1 🕐, clock3 🕒, clock9 🕘, calendar 📆, date 📅,
spiral_calendar_pad 🗓️, bell 🔔, no_bell 🔕, mega 📣, loudspeaker 📢, speech_balloon 💬, thought_balloon 💭, zzz 💤, mute 🔇, loud_sound 🔊,
lock 🔒, unlock 🔓, closed_lock_with_key 🔐, key 🔑, shield 🛡️, hammer 🔨, wrench 🔧, hammer_and_wrench 🛠️, gear ⚙️, nut_and_bolt 🔩, toolbox 🧰, magnet 🧲,
test_tube 🧪, microscope 🔬, mag 🔍, mag_right 🔎, link 🔗, paperclip 📎, pushpin 📌, round_pushpin 📍, scissors ✂️, broom 🧹, wastebasket 🗑️,
package 📦, inbox_tray 📥, outbox_tray 📤, mailbox 📫, email 📧, envelope ✉️, incoming_envelope 📨, memo 📝, pencil 📝, pencil2 ✏️, page_facing_up 📄,
clipboard 📋, bookmark 🔖, label 🏷️, books 📚, book 📖, scroll 📜, receipt 🧾, newspaper 📰, file_folder 📁, open_file_folder 📂, card_index_dividers 🗂️,
file_cabinet 🗄️, bar_chart 📊, chart_with_upwards_trend 📈, chart_with_downwards_trend 📉, computer 💻, desktop_computer 🖥️, keyboard ⌨️, floppy_disk 💾,
minidisc 💽, battery 🔋, electric_plug 🔌, bulb 💡, flashlight 🔦, satellite 🛰️, satellite_antenna 📡, telephone_receiver 📞, phone ☎️, iphone 📱, pager 📟,
bug 🐛, beetle 🪲, ant 🐜, snail 🐌, turtle 🐢, rabbit 🐰, whale 🐳, whale2 🐋, octopus 🐙, penguin 🐧, snake 🐍, cat 🐱, dog 🐶, unicorn_face 🦄, bird 🐦,
seedling 🌱, evergreen_tree 🌲, deciduous_tree 🌳, four_leaf_clover 🍀, cherry_blossom 🌸, rose 🌹, earth_africa 🌍, earth_americas 🌎, globe_with_meridians 🌐,
coffee ☕, tea 🍵, beer 🍺, beers 🍻, pizza 🍕, cake 🍰, birthday 🎂, cookie 🍪, doughnut 🍩, apple 🍎, popcorn 🍿, salt 🧂,
house 🏠, office 🏢, hospital 🏥, factory 🏭, bricks 🧱, ladder 🪜, door 🚪, vertical_barrier 🚧, recycle ♻️, dna 🧬, pill 💊, adhesive_bandage 🩹, stethoscope 🩺,
crystal_ball 🔮, game_die 🎲, jigsaw 🧩, art 🎨, musical_note 🎵, camera 📷, movie_camera 🎥, eyeglasses 👓, moneybag 💰, credit_card 💳, scales ⚖️,
de 🇩🇪, us 🇺🇸, gb 🇬🇧, fr 🇫🇷, es 🇪🇸, it 🇮🇹, nl 🇳🇱, pl 🇵🇱, jp 🇯🇵, in 🇮🇳, tr 🇹🇷, copyright ©️, registered ®️, tm ™️
`;

/** name → characters */
export const EMOJI = new Map(
  TABLE.trim().split(",").map((entry) => {
    const [name, ...characters] = entry.trim().split(" ");
    return [name, characters.join(" ")];
  }),
);

const SKIN_TONES = { 2: "🏻", 3: "🏼", 4: "🏽", 5: "🏾", 6: "🏿" };

/** The characters of a name such as "tada" or "wave::skin-tone-3", or null. */
export function emojiOf(name) {
  const [plain, tone] = name.split("::skin-tone-");
  const characters = EMOJI.get(plain);
  return characters === undefined ? null : characters + (SKIN_TONES[tone] ?? "");
}

/** What the small picker offers, in its order. */
export const PICKED = [
  "white_check_mark", "eyes", "+1", "-1", "raised_hands", "tada", "heart", "fire", "rocket", "ship", "rotating_light", "warning", "x",
  "octagonal_sign", "hourglass_flowing_sand", "thinking_face", "joy", "smile", "sob", "scream", "clap", "pray", "muscle", "wave", "100",
  "bug", "hammer_and_wrench", "package", "lock", "bulb", "memo", "mag", "speech_balloon", "coffee", "sparkles", "zap",
];
