"""An app of one page: who are you?"""
