"""Reports as pages of their own, drawn of what the API answers: to keep, to print, to send to somebody. The routes give
them to who asks for text/html, the command line writes them to files.
"""
