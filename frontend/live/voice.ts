/** What is heard: beeps for the countdown and each repetition, and spoken cues for who turns them on. */

export class Voice {
  private context: AudioContext | null = null;
  speaks = false;
  beeps = true;

  /** Sound has to be asked for in a click. */
  unlock(): void {
    try {
      this.context ??= new AudioContext();
      void this.context.resume();
    } catch {
      this.context = null;
    }
  }

  beep(hertz = 880, seconds = 0.12): void {
    if (!this.beeps || !this.context) return;
    const tone = this.context.createOscillator();
    const volume = this.context.createGain();
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0.2, this.context.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.001, this.context.currentTime + seconds);
    tone.connect(volume).connect(this.context.destination);
    tone.start();
    tone.stop(this.context.currentTime + seconds);
  }

  /** One sentence; the one before it is cut off, because it is about an earlier repetition. */
  say(sentence: string): void {
    if (!this.speaks || !("speechSynthesis" in window) || !sentence) return;
    speechSynthesis.cancel();
    const words = new SpeechSynthesisUtterance(sentence);
    words.lang = document.documentElement.lang || "en";
    speechSynthesis.speak(words);
  }
}
