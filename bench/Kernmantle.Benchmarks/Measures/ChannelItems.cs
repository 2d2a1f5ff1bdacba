namespace Kernmantle.Benchmarks.Measures;

/// <summary>The items of a channel: numbered for each writer, so that a reader sees that none is missing.</summary>
internal interface IChannelItems<T>
{
    static abstract T Of(int writer, long number);

    static abstract (int Writer, long Number) Read(T item);
}

internal readonly struct Numbers : IChannelItems<long>
{
    public static long Of(int writer, long number) => ((long)writer << 56) | number;

    public static (int Writer, long Number) Read(long item) => ((int)(item >> 56), item & ((1L << 56) - 1));
}

/// <summary>24 bytes.</summary>
internal readonly record struct Place(long Number, double East, double North);

internal readonly struct Places : IChannelItems<Place>
{
    public static Place Of(int writer, long number) => new(number, writer, number * 0.5);

    public static (int Writer, long Number) Read(Place item) => ((int)item.East, item.Number);
}

internal readonly struct Texts : IChannelItems<string>
{
    public static string Of(int writer, long number) => Throughput.Text((int)number);

    /// <summary>The number after "line ".</summary>
    public static (int Writer, long Number) Read(string item) =>
        (0, long.Parse(item.AsSpan(5, item.IndexOf(':', StringComparison.Ordinal) - 5), System.Globalization.CultureInfo.InvariantCulture));
}
