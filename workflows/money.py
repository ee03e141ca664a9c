from portal.money import *
