using System.Collections.Immutable;
using System.Numerics;
using System.Text.Json;
using Kernmantle.Functions;
using Kernmantle.Python.Values;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Python.Tests.Values;

/// <summary>Bytes that no correct writer writes: one typed failure, little memory, nothing else.</summary>
public sealed class HostileTests
{
    private const int Mutations = 40_000;

    private enum Tone
    {
        Low,
    }

    private sealed record Order(string Name, List<Line> Lines, Order? Next = null, int Priority = 3);

    private sealed record Line(int Number, double? Price, Guid Id, DateTimeOffset At);

    private sealed record Everything(object? A, long[] B, Dictionary<string, decimal> C, HashSet<int> D, (int, string)[] E, TimeSpan F, ImmutableArray<BigInteger> G, double[,] H, Tone I, JsonElement J, byte[] K, bool[] L);

    private delegate void Reading(ReadOnlySpan<byte> bytes, IPythonBlockSource blocks);

    private static readonly Reading[] Readings =
    [
        As<object?>, As<Everything>, As<Order>, As<Unit>, As<long>, As<BigInteger>, As<UInt128>, As<double>, As<Half>, As<decimal>, As<string?>, As<char>, As<Guid>, As<DateTime>, As<DateTimeOffset>, As<DateOnly>,
        As<TimeOnly>, As<TimeSpan>, As<Complex>, As<byte[]>, As<double[]>, As<bool[]>, As<int[,]>, As<double[,,]>, As<List<object?>>, As<List<string>>, As<HashSet<object?>>, As<Dictionary<object, object?>>,
        As<Dictionary<string, int>>, As<(int, object?)>, As<(object?, object?, object?)>, As<Tone>, As<JsonElement>, As<int?>, As<SortedSet<string>>, As<ReadOnlyMemory<float>>, As<IEnumerable<long>>,
    ];

    /// <summary>Half of them as Python 2 would have written them.</summary>
    private static void As<T>(ReadOnlySpan<byte> bytes, IPythonBlockSource blocks) => Wire.Read<T>(bytes, blocks, isPython2: bytes.Length % 2 == 0);

    private static byte[][] Seeds(MemoryBlocks blocks)
    {
        var order = new Order("é\ud800", [new(1, 2.5, Guid.NewGuid(), DateTimeOffset.UnixEpoch), new(-70_000, null, Guid.Empty, DateTimeOffset.UnixEpoch.ToOffset(TimeSpan.FromHours(5)))], new Order("n", []));
        using var json = JsonDocument.Parse("""{"a":[1,2.5,null,"x"]}""");
        var everything = new Everything(
            new object?[] { 1, "a", null, 2.5, new Complex(1, 2), DateTime.UnixEpoch, DateOnly.MaxValue, TimeOnly.MinValue, 1.5m, BigInteger.Pow(7, 200), new HashSet<int> { 1 }, (1, (2, "x")) },
            [1, 2, long.MaxValue], new() { ["a"] = 1.5m }, [1, 2], [(1, "a")], TimeSpan.FromSeconds(-1), [BigInteger.One << 100], new double[,] { { 1, 2 } }, Tone.Low, json.RootElement.Clone(), [1, 2, 3], [true]);
        return
        [
            Wire.Write(order), Wire.Write(everything), Wire.Write(everything.A), Wire.Write(BigInteger.Pow(2, 200)), Wire.Write(ulong.MaxValue), Wire.Write(1.5), Wire.Write(DateTimeOffset.Now), Wire.Write(TimeSpan.MinValue),
            Wire.Write(1.5m), Wire.Write(new float[] { 1, 2 }), Wire.Write(new int[20_000], blocks), Wire.Write(new int[2, 3, 4]), Wire.Write(Guid.NewGuid()), Wire.Write("text"), Wire.Write(new Dictionary<string, int> { ["a"] = 1 }),
            Wire.Write((1, "a", new[] { "b" })), ")\u0003.z\u0004pathz\u0001a"u8.ToArray(), [(byte)'(', 5, 0, 0, 0, .. ".u\u0004\0\0\0enumu\u0001\0\0\0Eu\u0003\0\0\0LOWi\0\0\0\0"u8],
        ];
    }

    [Fact]
    public void Mutated_bytes_are_refused_or_read_and_nothing_else()
    {
        var blocks = new MemoryBlocks(1 << 20);
        byte[][] seeds = Seeds(blocks);
        int seed = Environment.TickCount;
        var random = new Random(seed);
        int refused = 0, mismatched = 0, read = 0;
        for (int i = 0; i < Mutations; i++)
        {
            byte[] bytes = Mutate(random, seeds);
            Reading reading = Readings[random.Next(Readings.Length)];
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                reading(bytes, blocks);
                read++;
            }
            catch (InvalidPayloadException)
            {
                refused++;
            }
            catch (PythonValueMismatchException mismatch)
            {
                mismatched++;
                Assert.NotEmpty(mismatch.Message);
            }
            catch (Exception exception)
            {
                Assert.Fail($"Seed {seed}, mutation {i}, {reading.Method}: {Convert.ToHexString(bytes)}: {exception}");
            }
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < (4 << 20), $"{allocated} bytes allocated for {bytes.Length}: {Convert.ToHexString(bytes)}");
        }
        Assert.True(refused > 1000 && mismatched > 1000 && read > 500, $"{refused} refused, {mismatched} mismatched, {read} read");
    }

    private static byte[] Mutate(Random random, byte[][] seeds)
    {
        List<byte> bytes = [.. seeds[random.Next(seeds.Length)]];
        const string codes = "0NTF.iligyyssu(([[{{<>taAzZ)cSRr:fxI";
        for (int changes = random.Next(4); changes > 0 && bytes.Count > 0; changes--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(7))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] = (byte)codes[random.Next(codes.Length)];
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 6), bytes.Count - at));
                    break;
                case 3:
                    byte[] other = seeds[random.Next(seeds.Length)];
                    int from = random.Next(other.Length);
                    bytes.InsertRange(at, other[from..Math.Min(other.Length, from + random.Next(1, 40))]);
                    break;
                case 4:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 5:
                    for (int i = at; i < Math.Min(at + 4, bytes.Count); i++)
                        bytes[i] = (byte)(random.Next(2) * (i == at + 3 ? 0x7F : 0xFF));
                    break;
                default:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
            }
        }
        return [.. bytes];
    }

    [Theory]
    [InlineData("c")]
    [InlineData("S")]
    [InlineData("r\0\0\0\0")]
    [InlineData("R\0\0\0\0")]
    [InlineData("I\0\0\0\0\0\0\0\0")]
    [InlineData("f\u00011")]
    [InlineData(":NNN")]
    [InlineData("0")]
    [InlineData("")]
    [InlineData("i\0\0\0")]
    [InlineData("g\0\0")]
    [InlineData("[\u007f\u007f\u007f\u007f")]
    [InlineData("s\u007f\u007f\u007f\u007f")]
    [InlineData("u\u007f\u007f\u007f\u007f")]
    [InlineData("(\u007f\u007f\u007f\u007f")]
    [InlineData("l\u007f\u007f\u007f\u007f")]
    [InlineData("l\u0001\0\0\0\0\0")]
    [InlineData("{i\0\0\0\0")]
    [InlineData("{i\0\0\0\00")]
    [InlineData("[\u0001\0\0\00")]
    [InlineData("(\u0001\0\0\0.")]
    [InlineData("(\u0002\0\0\0.z\u0003xyz")]
    [InlineData("(\u0002\0\0\0.z\u0004path")]
    [InlineData("z\u0001\u0080")]
    [InlineData("NN")]
    public void Each_malformed_form_is_refused(string text)
    {
        byte[] bytes = System.Text.Encoding.Latin1.GetBytes(text);
        Assert.Throws<InvalidPayloadException>(() => Wire.Read<object>(bytes));
        Assert.Throws<InvalidPayloadException>(() => Wire.Read<Unit>(bytes));
    }

    [Theory]
    [InlineData("FF")]
    [InlineData("C3")]
    [InlineData("C080")]
    [InlineData("EDA0")]
    [InlineData("EDC080")]
    [InlineData("F8888080")]
    public void Text_that_is_not_UTF_8_is_refused(string hex)
    {
        byte[] text = Convert.FromHexString(hex);
        byte[] bytes = [(byte)'u', (byte)text.Length, 0, 0, 0, .. text];
        Assert.Throws<InvalidPayloadException>(() => Wire.Read<string>(bytes));
    }

    [Fact]
    public void A_count_is_no_reason_to_allocate()
    {
        // A thousand lists within each other, each of which promises a million items.
        byte[] bytes = new byte[1_000_000];
        bytes.AsSpan().Fill((byte)'N');
        for (int i = 0; i < 1000; i++)
            new byte[] { (byte)'[', 0, 0, 8, 0 }.CopyTo(bytes, i * 5);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InvalidPayloadException>(() => Wire.Read<object>(bytes));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 20);
    }

    [Fact]
    public void Depth_is_bounded_on_a_small_stack()
    {
        byte[] bytes = new byte[500_000];
        for (int i = 0; i < bytes.Length; i += 5)
            new byte[] { (byte)'[', 1, 0, 0, 0 }.CopyTo(bytes, i);
        Exception?[] caught = new Exception?[2];
        var thread = new Thread(() =>
        {
            caught[0] = Record.Exception(() => Wire.Read<object>(bytes));
            caught[1] = Record.Exception(() => Wire.Read<Unit>(bytes));
        }, 256 << 10);
        thread.Start();
        thread.Join();
        Assert.All(caught, static e => Assert.IsType<InvalidPayloadException>(e));
    }
}
