using Kernmantle.Payloads;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Tests.Payloads;

/// <summary>What the program's own code throws while a value is made is told from bytes that are wrong.</summary>
public sealed class ProgramCodeTests
{
    [ThreadStatic]
    private static bool refuses;

    [Fact]
    public void What_a_constructor_or_a_setter_throws_is_the_programs()
    {
        Assert.True(ProgramCode.Threw(Refused(new Constructed(1))));
        Assert.True(ProgramCode.Threw(Refused(new Set { Number = 1 })));
        Assert.True(ProgramCode.Threw(Refused(new Checked(1))));   // thrown by what it calls
    }

    [Fact]
    public void Bytes_that_are_wrong_are_not()
    {
        byte[] plain = Payload.Encode(new Constructed(1)), serialized = Payload.Encode(new Set { Number = 1 });
        Assert.False(ProgramCode.Threw(Assert.Throws<InvalidPayloadException>(() => Payload.Decode<Constructed>(plain.AsSpan(0, plain.Length - 1)))));
        serialized[^1] = 0xc1;   // MessagePack has no such byte
        Assert.False(ProgramCode.Threw(Assert.Throws<InvalidPayloadException>(() => Payload.Decode<Set>(serialized))));
    }

    private static InvalidPayloadException Refused<T>(T value)
    {
        byte[] bytes = Payload.Encode(value);
        refuses = true;
        try
        {
            return Assert.Throws<InvalidPayloadException>(() => Payload.Decode<T>(bytes));
        }
        finally
        {
            refuses = false;
        }
    }

    private sealed record Constructed
    {
        public Constructed(int number) => Number = refuses ? throw new FormatException("no") : number;

        public int Number { get; }
    }

    private sealed record Checked
    {
        public Checked(int number)
        {
            ArgumentOutOfRangeException.ThrowIfEqual(refuses, true);
            Number = number;
        }

        public int Number { get; }
    }

    private sealed class Set
    {
        public int Number { get; set => field = refuses ? throw new FormatException("no") : value; }
    }
}
