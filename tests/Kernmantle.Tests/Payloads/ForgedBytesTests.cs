using System.Collections.Immutable;
using Kernmantle.Payloads;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Tests.Payloads;

/// <summary>Bytes that no writer wrote: a value or <see cref="InvalidPayloadException"/>, never anything else, and no memory beyond measure.</summary>
public sealed class ForgedBytesTests
{
    private const int MutationsPerType = 2000;

    private sealed record Item(string Name, int Count, Item? Next, DateTime When, Guid Id);

    private sealed record Wide(List<Item?> Items, Dictionary<string, int> Map, int[] Numbers, byte[] Bytes, decimal Money, DateTimeOffset At, Version Version, Uri Uri);

    private static readonly Item Sample = new("name", 3, new("next", 4, null, DateTime.UnixEpoch, Guid.NewGuid()), DateTime.MaxValue, Guid.Empty);

    [Fact]
    public void Forged_texts_give_a_value_or_a_refusal() => Attack("some text, long enough to be cut");

    [Fact]
    public void Forged_arrays_give_a_value_or_a_refusal() => Attack<double[]>([1, 2, 3]);

    [Fact]
    public void Forged_memories_give_a_value_or_a_refusal() => Attack<Memory<int>>(new[] { 1, 2, 3 });

    [Fact]
    public void Forged_records_give_a_value_or_a_refusal() => Attack(Sample);

    [Fact]
    public void Forged_shared_references_give_a_value_or_a_refusal() => Attack<Item[]>([Sample, Sample]);

    [Fact]
    public void Forged_collections_give_a_value_or_a_refusal() => Attack(new Dictionary<string, List<int>> { ["a"] = [1, 2], ["b"] = [] });

    [Fact]
    public void Forged_immutable_collections_give_a_value_or_a_refusal() => Attack(ImmutableDictionary<int, ImmutableArray<string>>.Empty.Add(1, ["a", "b"]));

    [Fact]
    public void Forged_objects_of_many_members_give_a_value_or_a_refusal() => Attack(new Wide([Sample, null], new() { ["k"] = 1 }, [1, 2, 3], [4, 5], 6.7m, DateTimeOffset.UnixEpoch, new(1, 2, 3), new("https://example.org/")));

    [Fact]
    public void Forged_tuples_give_a_value_or_a_refusal() => Attack((1, "a", (long?)2, new HashSet<string> { "x", "y" }));

    [Fact]
    public void Forged_times_give_a_value_or_a_refusal() => Attack<(string, DateTime, DateTimeOffset, TimeOnly, DateOnly)>(("t", DateTime.Now, DateTimeOffset.Now, TimeOnly.MaxValue, DateOnly.MaxValue));

    private static void Attack<T>(T value)
    {
        byte[] valid = Payload.Encode(value);
        for (int length = 0; length < valid.Length; length++)
            Assert.Throws<InvalidPayloadException>(() => Decode<T>(valid.AsSpan(0, length)));
        var random = new Random(12345);
        for (int i = 0; i < MutationsPerType; i++)
        {
            byte[] forged = (byte[])valid.Clone();
            for (int changes = random.Next(1, 5); changes > 0; changes--)
                forged[random.Next(forged.Length)] = random.Next(3) == 0 ? byte.MaxValue : (byte)random.Next(256);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                _ = Decode<T>(forged);
            }
            catch (InvalidPayloadException)
            {
                // The other allowed outcome.
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        }
    }

    private static T Decode<T>(ReadOnlySpan<byte> bytes)
    {
        var reader = new PayloadReader(bytes);
        return Codecs.For<T>().Read(ref reader);
    }
}
