"""What runs in the workers. It imports nothing, so that IronPython needs no standard library."""

sold = 0


def invoice(order):
    """A .NET object, as it is: its properties by their names, its list as a list."""
    return {"customer": order.Customer, "items": len(order.Prices), "total": sum(order.Prices)}


def sell(count):
    """What a scope remembers lasts as long as its worker."""
    global sold
    sold += count
    return sold


def power(base, exponent):
    """An int is an Int32 while it fits, then a BigInteger."""
    return base ** exponent


def divide(a, b):
    return a / b


def count_primes(limit):
    """Arithmetic."""
    count = 0
    for n in range(2, limit):
        divisor = 2
        while divisor * divisor <= n and n % divisor != 0:
            divisor += 1
        if divisor * divisor > n:
            count += 1
    return count


def count_words(rounds):
    """Arithmetic, and objects that are thrown away at once."""
    words = {}
    for n in range(rounds):
        word = "w" + str(n % 100)
        words[word] = words.get(word, []) + [n] if n % 1000 else []
    return len(words)


def fibonacci(n):
    """One function that calls itself."""
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)
