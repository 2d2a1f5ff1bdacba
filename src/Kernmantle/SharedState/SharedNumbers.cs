using System.Numerics;

namespace Kernmantle;

/// <summary>Adding to shared numbers, from any process, without losing a count.</summary>
public static class SharedNumbers
{
    /// <summary>Adds to a shared number; returns the sum.</summary>
    /// <typeparam name="T">The type of number.</typeparam>
    /// <param name="number">The number.</param>
    /// <param name="value">What is added; what runs over wraps around.</param>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    public static T Add<T>(this SharedValue<T> number, T value)
        where T : unmanaged, INumber<T>
    {
        ArgumentNullException.ThrowIfNull(number);
        T seen = number.Read();
        while (true)
        {
            T before = number.CompareExchange(unchecked(seen + value), seen);
            if (SharedValue<T>.AreSame(before, seen))
                return unchecked(seen + value);
            seen = before;
        }
    }

    /// <summary>Adds to one of many shared numbers; returns the sum.</summary>
    /// <typeparam name="T">The type of number.</typeparam>
    /// <param name="numbers">The numbers.</param>
    /// <param name="index">Which of them.</param>
    /// <param name="value">What is added; what runs over wraps around.</param>
    /// <exception cref="IndexOutOfRangeException">There is none.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    public static T Add<T>(this SharedArray<T> numbers, int index, T value)
        where T : unmanaged, INumber<T>
    {
        ArgumentNullException.ThrowIfNull(numbers);
        T seen = numbers[index];
        while (true)
        {
            T before = numbers.CompareExchange(index, unchecked(seen + value), seen);
            if (SharedValue<T>.AreSame(before, seen))
                return unchecked(seen + value);
            seen = before;
        }
    }
}
