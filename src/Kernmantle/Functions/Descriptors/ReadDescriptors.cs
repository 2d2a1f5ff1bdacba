using System.Collections.Concurrent;

namespace Kernmantle.Functions.Descriptors;

/// <summary>Worker: what the descriptors said that came with captured variables, since most come again. Thread-safe.</summary>
internal sealed class ReadDescriptors<T>(ReadDescriptors<T>.Parser parse)
{
    /// <summary>Beyond this many, what a worker knows starts anew.</summary>
    private const int Capacity = 1024;

    private readonly ConcurrentDictionary<string, T> known = new();

    public delegate T Parser(ref DescriptorReader reader);

    /// <exception cref="FunctionUnavailableException">Its code is not here, or not the same.</exception>
    public T Get(ReadOnlySpan<byte> descriptor)
    {
        string key = Convert.ToHexString(descriptor);
        if (known.TryGetValue(key, out T? found))
            return found;
        var reader = new DescriptorReader(descriptor);
        T read = parse(ref reader);
        if (known.Count >= Capacity)
            known.Clear();
        return known[key] = read;
    }
}
