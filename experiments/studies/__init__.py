"""Studies: experiments that answer one question each, with one command, quickly in small and fully in long."""
