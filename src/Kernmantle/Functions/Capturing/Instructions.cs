using System.Buffers.Binary;
using System.Reflection.Metadata;

namespace Kernmantle.Functions.Capturing;

/// <summary>Walks the instructions of a method body. Only their sizes and their four-byte operands matter here.</summary>
internal ref struct Instructions(ReadOnlySpan<byte> il)
{
    private ReadOnlySpan<byte> rest = il;

    /// <summary>The instruction last read.</summary>
    public ILOpCode OpCode { get; private set; }

    /// <summary>Its operand, where that is a metadata token.</summary>
    public int Token { get; private set; }

    /// <summary>True where the walk ended at something that is no instruction: nothing can be said about the method.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Goes to the next instruction.</summary>
    public bool Read()
    {
        if (rest.IsEmpty || IsBroken)
            return false;
        int size = 1;
        int code = rest[0];
        if (code == 0xFE)
        {
            if (rest.Length < 2)
                return Break();
            code = 0xFE00 | rest[1];
            size = 2;
        }
        int operand = OperandSize(code, rest[size..]);
        if (operand < 0 || operand > rest.Length - size)
            return Break();
        OpCode = (ILOpCode)code;
        Token = operand == 4 ? BinaryPrimitives.ReadInt32LittleEndian(rest[size..]) : 0;
        rest = rest[(size + operand)..];
        return true;
    }

    /// <summary>The bytes behind an operation code (ECMA-335, partition III); -1 for a code that does not exist.</summary>
    internal static int OperandSize(int code, ReadOnlySpan<byte> operand) => code switch
    {
        <= 0x0D => 0,                        // nop, break, ldarg.0 .. stloc.3
        <= 0x13 => 1,                        // ldarg.s .. stloc.s
        <= 0x1E => 0,                        // ldnull, ldc.i4.m1 .. ldc.i4.8
        0x1F => 1,                           // ldc.i4.s
        0x20 or 0x22 => 4,                   // ldc.i4, ldc.r4
        0x21 or 0x23 => 8,                   // ldc.i8, ldc.r8
        0x25 or 0x26 or 0x2A => 0,           // dup, pop, ret
        >= 0x27 and <= 0x29 => 4,            // jmp, call, calli
        >= 0x2B and <= 0x37 => 1,            // br.s .. blt.un.s
        >= 0x38 and <= 0x44 => 4,            // br .. blt.un
        0x45 => SwitchSize(operand),
        >= 0x46 and <= 0x6E => 0,            // ldind.i1 .. conv.u8
        >= 0x6F and <= 0x75 => 4,            // callvirt .. isinst
        0x76 or 0x7A => 0,                   // conv.r.un, throw
        0x79 => 4,                           // unbox
        >= 0x7B and <= 0x81 => 4,            // ldfld .. stobj
        >= 0x82 and <= 0x8B => 0,            // conv.ovf.i1.un .. conv.ovf.u.un
        0x8C or 0x8D or 0x8F => 4,           // box, newarr, ldelema
        0x8E => 0,                           // ldlen
        >= 0x90 and <= 0xA2 => 0,            // ldelem.i1 .. stelem.ref
        >= 0xA3 and <= 0xA5 => 4,            // ldelem, stelem, unbox.any
        >= 0xB3 and <= 0xBA => 0,            // conv.ovf.i1 .. conv.ovf.u8
        0xC2 or 0xC6 or 0xD0 => 4,           // refanyval, mkrefany, ldtoken
        0xC3 => 0,                           // ckfinite
        >= 0xD1 and <= 0xDC => 0,            // conv.u2 .. endfinally
        0xDD => 4,                           // leave
        0xDE => 1,                           // leave.s
        0xDF or 0xE0 => 0,                   // stind.i, conv.u
        >= 0xFE00 and <= 0xFE05 => 0,        // arglist .. clt.un
        0xFE06 or 0xFE07 => 4,               // ldftn, ldvirtftn
        >= 0xFE09 and <= 0xFE0E => 2,        // ldarg .. stloc
        0xFE0F or 0xFE11 => 0,               // localloc, endfilter
        0xFE12 or 0xFE19 => 1,               // unaligned., no.
        0xFE13 or 0xFE14 => 0,               // volatile., tail.
        0xFE15 or 0xFE16 or 0xFE1C => 4,     // initobj, constrained., sizeof
        0xFE17 or 0xFE18 or 0xFE1A or 0xFE1D or 0xFE1E => 0,   // cpblk, initblk, rethrow, refanytype, readonly.
        _ => -1,
    };

    private static int SwitchSize(ReadOnlySpan<byte> operand)
    {
        if (operand.Length < sizeof(int))
            return -1;
        int targets = BinaryPrimitives.ReadInt32LittleEndian(operand);
        return (uint)targets > (uint)operand.Length / sizeof(int) ? -1 : sizeof(int) * (1 + targets);
    }

    private bool Break()
    {
        IsBroken = true;
        return false;
    }
}
