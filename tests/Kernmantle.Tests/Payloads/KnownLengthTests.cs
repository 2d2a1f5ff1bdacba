using Kernmantle.Functions;
using Kernmantle.Wire.Bytes;
using Xunit;

namespace Kernmantle.Tests.Payloads;

/// <summary>What is known to be long has its room at once: nothing that was written is copied.</summary>
public sealed class KnownLengthTests
{
    public static TheoryData<object, object, object> Values => new()
    {
        { new byte[100_000], new double[20_000], new string('x', 70_000) },
        { new byte[100], new ReadOnlyMemory<byte>(new byte[200_000]), new ArraySegment<int>(new int[90_000], 5, 80_000) },
        { new string('x', 70_000), new Memory<long>(new long[30_000]), new byte[70_000] },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void Several_large_arguments_take_one_piece_of_memory(object first, object second, object third)
    {
        Type tuple = typeof(ValueTuple<,,>).MakeGenericType(first.GetType(), second.GetType(), third.GetType());
        var rooms = new Rooms();
        typeof(KnownLengthTests).GetMethod(nameof(Write), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!
            .MakeGenericMethod(tuple).Invoke(null, [Activator.CreateInstance(tuple, first, second, third), rooms]);
        Assert.Equal(1, rooms.Count);
    }

    [Fact]
    public void What_is_known_is_no_more_than_what_is_written()
    {
        AssertLeast<int[]?>(null, [], new int[1_000]);
        AssertLeast<string?>(null, "", "some");
        AssertLeast(default, new ArraySegment<byte>(new byte[10], 2, 3));
        AssertLeast<Memory<double>>(default, new double[3]);
        AssertLeast<ReadOnlyMemory<double>>(default, new double[3]);
        AssertLeast(new List<int> { 1, 2 });
        AssertLeast(1, 2);
    }

    private static void AssertLeast<T>(params T[] values)
    {
        foreach (T value in values)
        {
            using var buffer = new PooledBuffer();
            var writer = new PayloadWriter(buffer);
            Codec<T> codec = Kernmantle.Payloads.Codecs.For<T>();
            codec.Write(ref writer, value);
            Assert.InRange(codec.LeastLengthOf(value), 0, buffer.Written.Length);
        }
    }

    private static void Write<TArgs>(TArgs args, Rooms rooms)
    {
        using var buffer = new PooledBuffer { Rooms = rooms };
        var writer = new PayloadWriter(buffer);
        ((Arguments<TArgs>)Arguments.Of(typeof(TArgs), ["a", "b", "c"], firstIsInstance: false)).Write(ref writer, args);
    }

    private sealed class Rooms : IPayloadRooms
    {
        public int Count { get; private set; }

        public int LargestElsewhere => 64 << 10;

        public PayloadRoom? TryRent(int length)
        {
            Count++;
            return new Room(length);
        }
    }

    private sealed class Room(int length) : PayloadRoom
    {
        private readonly byte[] bytes = new byte[length];

        public override int Capacity => bytes.Length;

        public override Span<byte> GetSpan() => bytes;

        public override void Release()
        {
        }
    }
}
