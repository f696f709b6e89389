"""What is known of languages: sentences, words, stems. Pure; below everything that reads text."""
